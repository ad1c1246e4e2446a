using System.Xml.Linq;
using GridServices.Simulators.DerServer.Model;
using NodaTime;
using static GridServices.Simulators.DerServer.Resources.SepXml;

namespace GridServices.Simulators.DerServer.Resources;

/// <summary>What a client reads of programs.</summary>
internal static class ProgramResources
{
    public static XElement Program(SimDevice d, SimProgram p, Instant now)
    {
        var href = Href(d, p);
        return El("DERProgram", At("href", href), At("subscribable", 1),
            El("mRID", p.MRid),
            El("description", p.Description),
            Link("ActiveDERControlListLink", $"{href}/actderc", Active(p, now).Count()),
            p.Default is null ? null : Link("DefaultDERControlLink", $"{href}/dderc"),
            Link("DERControlListLink", $"{href}/derc", Listed(p, now).Count()),
            p.Curves.Count == 0 ? null : Link("DERCurveListLink", $"{href}/dc", p.Curves.Count),
            El("primacy", p.Primacy));
    }

    public static XElement Default(SimDevice d, SimProgram p, SimDefault s, SepXml xml) =>
        El("DefaultDERControl", At("href", $"{Href(d, p)}/dderc"), At("subscribable", 1),
            El("mRID", s.MRid),
            El("version", s.Version),
            s.Modes.Xml(xml, Href(d, p)),
            Opt("setGradW", s.SetGradW));

    public static XElement Control(SimDevice d, SimProgram p, SimControl c, Instant now, SepXml xml) =>
        El("DERControl",
            At("href", $"{Href(d, p)}/derc/{c.Number}"),
            c.ResponseRequired is null ? null : At("replyTo", $"/edev/{d.Number}/rsps/site_control/rsp"),
            At("responseRequired", c.ResponseRequired),
            El("mRID", c.MRid),
            El("description", c.Description),
            El("version", 1),
            El("creationTime", c.Created.ToUnixTimeSeconds()),
            El("EventStatus",
                El("currentStatus", c.StatusAt(now)),
                El("dateTime", c.StatusSince(now).ToUnixTimeSeconds()),
                El("potentiallySuperseded", c.SupersededAt is not null)),
            El("interval", El("duration", (long)c.Length.TotalSeconds), El("start", c.Start.ToUnixTimeSeconds())),
            Opt("randomizeDuration", c.RandomizeDuration),
            Opt("randomizeStart", c.RandomizeStart),
            c.Modes.Xml(xml, Href(d, p)));

    public static XElement Curve(SimDevice d, SimProgram p, SimCurve c) =>
        El("DERCurve", At("href", $"{Href(d, p)}/dc/{c.Number}"),
            El("mRID", c.MRid),
            El("version", c.Version),
            El("creationTime", c.Created.ToUnixTimeSeconds()),
            c.Points.Select(point => El("CurveData", Opt("excitation", point.Excitation), El("xvalue", point.X), El("yvalue", point.Y))),
            El("curveType", c.Type),
            Opt("openLoopTms", c.OpenLoopTms),
            El("xMultiplier", c.XMultiplier),
            El("yMultiplier", c.YMultiplier),
            El("yRefType", c.YRefType));

    /// <summary>What a control list shows: all that is not over, what was cancelled or superseded for five minutes more.</summary>
    public static IEnumerable<SimControl> Listed(SimProgram p, Instant now) =>
        p.Controls.Where(c => c.End > now && (c.CancelledAt is not { } at || at + Duration.FromMinutes(5) > now)).OrderBy(c => c.Start).ThenByDescending(c => c.Created);

    public static IEnumerable<SimControl> Active(SimProgram p, Instant now) => Listed(p, now).Where(c => c.StatusAt(now) == 1);

    public static string Href(SimDevice d, SimProgram p) => $"/edev/{d.Number}/derp/{p.Number}";
}
