using GridServices.Hosting.Configuration;

namespace GridServices.Operations.Service.Reconcile;

/// <summary>Looking at the services.</summary>
internal sealed record WatchOptions : ISettings
{
    public static string Section => "Watch";

    /// <summary>How often the services are looked at.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(2);

    public IEnumerable<string> Validate() => Bounds.Within("Watch:Every", Every, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(5));
}
