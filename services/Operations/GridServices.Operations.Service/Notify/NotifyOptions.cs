using GridServices.Hosting.Configuration;

namespace GridServices.Operations.Service.Notify;

/// <summary>What messages to people need to know.</summary>
internal sealed record NotifyOptions : ISettings
{
    public static string Section => "Notify";

    /// <summary>Where contacts reach this service, for the link to acknowledge by.</summary>
    public string PublicUrl { get; init; } = "http://127.0.0.1:5150";

    public IEnumerable<string> Validate() => Bounds.HttpAddress("Notify:PublicUrl", PublicUrl, "https://console.example");
}
