using GridServices.Hosting.Configuration;

namespace GridServices.OpenAdr.Service.Meters;

/// <summary>Where the interval data of meters are, for report channels that name one.</summary>
internal sealed record TariffsOptions : ISettings
{
    public static string Section => "Tariffs";

    /// <summary>The Tariffs service; unset: history channels with a meter tell the hub's readings like the others.</summary>
    public string? Url { get; init; }

    /// <summary>A publisher's token for it, of the tenant that <c>Hub:Tenant</c> names.</summary>
    public string? Token { get; init; }

    public IEnumerable<string> Validate() => Bounds.HttpAddress("Tariffs:Url", Url, "http://127.0.0.1:5130");
}
