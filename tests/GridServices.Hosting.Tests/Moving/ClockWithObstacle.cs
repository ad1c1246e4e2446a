using NodaTime;

namespace GridServices.Hosting.Tests.Moving;

/// <summary>Once the mark is there, no other can be written.</summary>
internal sealed class ClockWithObstacle(string mark, string obstacle) : IClock
{
    public Instant GetCurrentInstant()
    {
        if (File.Exists(mark))
        {
            Directory.CreateDirectory(obstacle);
        }

        return SystemClock.Instance.GetCurrentInstant();
    }
}
