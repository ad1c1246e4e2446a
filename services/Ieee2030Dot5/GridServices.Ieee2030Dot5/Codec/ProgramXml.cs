using System.Xml.Linq;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using static GridServices.Ieee2030Dot5.Codec.Sep2Out;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>DERProgram and DERCurve.</summary>
internal static class ProgramXml
{
    public static DerProgram Read(ReceivedElement e)
    {
        var aside = new LenientReader();
        var primacy = aside.Read("primacy", () => e.Opt("primacy").NumberOrNull<byte>());
        return new()
        {
            Href = e.Href(),
            Subscribable = e.Subscribable(),

            // A program goes by its mRID, and by its address where that is none.
            MRid = aside.Read("mRID", () => e.Opt("mRID")?.PlainMRid()) ?? e.Href() ?? e.Req("mRID").PlainMRid(),
            Description = aside.Read("description", () => e.Opt("description").TextOrNull()),
            Version = aside.Read("version", () => e.Opt("version").NumberOrNull<ushort>()),
            ActiveDerControlListLink = e.Opt("ActiveDERControlListLink").ListLink(),
            DefaultDerControlLink = e.Opt("DefaultDERControlLink").Link(),
            DerControlListLink = e.Opt("DERControlListLink").ListLink(),
            DerCurveListLink = aside.Read("DERCurveListLink", () => e.Opt("DERCurveListLink").ListLink()),
            Primacy = primacy ?? byte.MaxValue,
            HasPrimacy = primacy is not null,
        };
    }

    public static XElement Write(DerProgram p) =>
        El("DERProgram", Head(p), Identified(p.MRid, p.Description, p.Version),
            Link("ActiveDERControlListLink", p.ActiveDerControlListLink),
            Link("DefaultDERControlLink", p.DefaultDerControlLink),
            Link("DERControlListLink", p.DerControlListLink),
            Link("DERCurveListLink", p.DerCurveListLink),
            El("primacy", p.Primacy));

    public static DerCurve ReadCurve(ReceivedElement e) => new()
    {
        Href = e.Href(),
        MRid = e.Req("mRID").PlainMRid(),
        Description = e.Opt("description").TextOrNull(),
        Version = e.Opt("version").NumberOrNull<ushort>(),
        AutonomousVRefEnable = e.Opt("autonomousVRefEnable").Flag(),
        AutonomousVRefTimeConstant = e.Opt("autonomousVRefTimeConstant").NumberOrNull<uint>(),
        CreationTime = e.Req("creationTime").Time(),
        Points = e.Every("CurveData").Select(ReadPoint).ToValueList(),
        CurveType = e.Req("curveType").Number<byte>(),
        OpenLoopTms = e.Opt("openLoopTms").NumberOrNull<ushort>(),
        RampDecTms = e.Opt("rampDecTms").NumberOrNull<ushort>(),
        RampIncTms = e.Opt("rampIncTms").NumberOrNull<ushort>(),
        RampPt1Tms = e.Opt("rampPT1Tms").NumberOrNull<ushort>(),
        VRef = e.Opt("vRef").NumberOrNull<ushort>(),
        XMultiplier = e.Req("xMultiplier").Number<sbyte>(),
        YMultiplier = e.Req("yMultiplier").Number<sbyte>(),
        YRefType = e.Req("yRefType").Number<byte>(),
    };

    public static XElement Write(DerCurve c) =>
        El("DERCurve", Head(c), Identified(c.MRid, c.Description, c.Version),
            Opt("autonomousVRefEnable", c.AutonomousVRefEnable),
            Opt("autonomousVRefTimeConstant", c.AutonomousVRefTimeConstant),
            El("creationTime", c.CreationTime),
            c.Points.Select(p => El("CurveData", Opt("excitation", p.Excitation), El("xvalue", p.X), El("yvalue", p.Y))),
            El("curveType", c.CurveType),
            Opt("openLoopTms", c.OpenLoopTms),
            Opt("rampDecTms", c.RampDecTms),
            Opt("rampIncTms", c.RampIncTms),
            Opt("rampPT1Tms", c.RampPt1Tms),
            Opt("vRef", c.VRef),
            El("xMultiplier", c.XMultiplier),
            El("yMultiplier", c.YMultiplier),
            El("yRefType", c.YRefType));

    private static CurvePoint ReadPoint(ReceivedElement e) =>
        new(e.Req("xvalue").Number<int>(), e.Req("yvalue").Number<int>(), e.Opt("excitation").Flag());
}
