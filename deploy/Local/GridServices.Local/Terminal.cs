using NodaTime;
using NodaTime.Text;

namespace GridServices.Local;

/// <summary>Lines for the person who watches: when, who, what.</summary>
internal static class Terminal
{
    private static readonly InstantPattern Clock = InstantPattern.CreateWithInvariantCulture("HH:mm:ss'Z'");

    public static void Say(string who, string what) =>
        Console.WriteLine($"{Clock.Format(SystemClock.Instance.GetCurrentInstant())}  {who,-15}  {what}");
}
