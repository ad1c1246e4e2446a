using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>DERControlBases in few words.</summary>
internal static class Say
{
    public static DerControlBase Limits(long? import = null, long? export = null, long? generation = null, long? load = null) => new()
    {
        OpModImpLimW = W(import),
        OpModExpLimW = W(export),
        OpModGenLimW = W(generation),
        OpModLoadLimW = W(load),
    };

    /// <summary>The same on import and export, in per cent of the site's maximum.</summary>
    public static DerControlBase Both(int percent) => Limits(Utility.Max * percent / 100, Utility.Max * percent / 100);

    public static ActivePower? W(long? watts) => watts is { } w ? ActivePower.FromWatts(w) : null;
}
