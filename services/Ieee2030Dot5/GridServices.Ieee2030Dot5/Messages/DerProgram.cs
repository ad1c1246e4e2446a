using System.Runtime.InteropServices;

namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>A line of authority over DER: its default, its controls and its rank.</summary>
public sealed record DerProgram : Resource
{
    /// <summary>Hex as sent; compare ignoring case.</summary>
    public required string MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }

    public ListLink? ActiveDerControlListLink { get; init; }

    public Link? DefaultDerControlLink { get; init; }

    public ListLink? DerControlListLink { get; init; }

    public ListLink? DerCurveListLink { get; init; }

    /// <summary>Lower wins; 255 where it could not be read.</summary>
    public required byte Primacy { get; init; }

    /// <summary>False: the primacy is absent or illegible, so that nobody knows whom the program outranks.</summary>
    public bool HasPrimacy { get; init; } = true;
}

public sealed record DerProgramList : ResourceList<DerProgram>;

/// <summary>A curve some control modes refer to. Units by curve type; values are raw, before the multipliers.</summary>
public sealed record DerCurve : Resource
{
    public required string MRid { get; init; }

    public string? Description { get; init; }

    public int? Version { get; init; }

    /// <summary>Unix seconds.</summary>
    public long CreationTime { get; init; }

    public required byte CurveType { get; init; }

    public Wire.ValueList<CurvePoint> Points { get; init; } = [];

    public int XMultiplier { get; init; }

    public int YMultiplier { get; init; }

    public int YRefType { get; init; }

    /// <summary>Hundredths of a second.</summary>
    public int? OpenLoopTms { get; init; }

    public bool? AutonomousVRefEnable { get; init; }

    /// <summary>Hundredths of a second.</summary>
    public long? AutonomousVRefTimeConstant { get; init; }

    /// <summary>Hundredths of a per cent per second.</summary>
    public int? RampDecTms { get; init; }

    public int? RampIncTms { get; init; }

    public int? RampPt1Tms { get; init; }

    /// <summary>Hundredths of a per cent of the nominal voltage.</summary>
    public int? VRef { get; init; }
}

public sealed record DerCurveList : ResourceList<DerCurve>;

/// <summary>One knot of a curve.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CurvePoint(long X, long Y, bool? Excitation);
