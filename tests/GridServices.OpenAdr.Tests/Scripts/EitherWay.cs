using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Tests.Scripts;

/// <summary>Scripts that come out the same whichever way the VTN speaks: found by polls, or (in a class of their own that inherits them) pushed.</summary>
public abstract class EitherWay(VenTransport transport)
{
    private protected VenScript Registered(VenConfig? config = null, string at = "18:00", ulong seed = 1) => VenScript.Registered(By(config ?? Configs.Ven), at, seed);

    private protected VenScript Unregistered(VenConfig? config = null, string at = "18:00") => new(By(config ?? Configs.Ven), at);

    /// <summary>The configuration of a VEN that the VTN speaks to this way.</summary>
    protected VenConfig By(VenConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return transport == VenTransport.Pull ? config : config with { Transport = VenTransport.Push, TransportAddress = "https://dr.example:8443" };
    }
}
