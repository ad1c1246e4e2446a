using GridServices.Hosting.Configuration;
using GridServices.Hosting.Outbound;

namespace GridServices.Operations.Service.Notify;

/// <summary>Where webhooks may lead.</summary>
internal sealed record WebhookOptions : ISettings
{
    public static string Section => "Notify:Webhooks";

    /// <summary>Networks that webhooks may reach although they are no public internet, e.g. `10.20.0.0/16 127.0.0.0/8`. Unset: addresses of this machine, of private networks and of the local link are refused.</summary>
    public string? AllowedNetworks { get; init; }

    internal AddressRules Rules => AddressRules.Public(AddressRules.Networks(AllowedNetworks, out _));

    public IEnumerable<string> Validate()
    {
        AddressRules.Networks(AllowedNetworks, out var fault);
        return fault is null ? [] : [$"Notify:Webhooks:AllowedNetworks '{fault}' is no network, e.g. 10.20.0.0/16."];
    }
}
