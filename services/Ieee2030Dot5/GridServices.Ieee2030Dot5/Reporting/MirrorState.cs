using System.Collections.Immutable;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Reporting;

/// <summary>What a mirror usage point measures: the connection point (roleFlags 03), or the DER behind it (49).</summary>
public enum MirrorRole
{
    Site,
    Der,
}

/// <summary>A mirror usage point at the server, and the averages it is still owed.</summary>
public sealed record MirrorState(MirrorRole Role)
{
    /// <summary>Its path; null: not made yet.</summary>
    public string? Href { get; init; }

    /// <summary>True once the server's list showed it: when it is gone from there, it is gone.</summary>
    public bool Listed { get; init; }

    /// <summary>The server's postRate, seconds; null: none stated there.</summary>
    public long? PostRateS { get; init; }

    /// <summary>Oldest first.</summary>
    public ValueList<Average> Owed { get; init; } = [];
}

/// <summary>What was measured over [StartS, StartS + DurationS), server time: averages, and what is stored. Null: not measured.</summary>
/// <param name="StartS">Unix seconds.</param>
/// <param name="DurationS">Seconds.</param>
/// <param name="PowerW">W; site: + = import; DER: + = generation.</param>
/// <param name="ReactiveVar">var, signed like the power.</param>
/// <param name="DeciVolts">Tenths of a volt.</param>
/// <param name="StoredWh">Energy in the DER's store at the end, Wh.</param>
public sealed record Average(long StartS, long DurationS, long? PowerW, long? ReactiveVar, long? DeciVolts, long? StoredWh = null);

/// <summary>An interval in the making. Lost in a crash: one average.</summary>
public sealed record RunningAverage(long StartS)
{
    /// <summary>By asset; the connection point under an empty name.</summary>
    public ImmutableSortedDictionary<string, Mean> Power { get; init; } = DerClientState.Empty<Mean>();

    public ImmutableSortedDictionary<string, Mean> Reactive { get; init; } = DerClientState.Empty<Mean>();

    /// <summary>Last state of charge by asset, %.</summary>
    public ImmutableSortedDictionary<string, Mean> Charge { get; init; } = DerClientState.Empty<Mean>();

    public Mean Voltage { get; init; } = new(0, 0);

    public bool Equals(RunningAverage? other) => other is not null && (ReferenceEquals(this, other)
        || (StartS == other.StartS && Voltage == other.Voltage && DerClientState.AreEqual(Power, other.Power) && DerClientState.AreEqual(Reactive, other.Reactive) && DerClientState.AreEqual(Charge, other.Charge)));

    public override int GetHashCode() => HashCode.Combine(StartS, Voltage, Power.Count, Reactive.Count);
}

/// <summary>A sum of so many values.</summary>
public sealed record Mean(decimal Sum, long Count)
{
    public decimal Value => Count == 0 ? 0 : Sum / Count;

    public Mean With(decimal value) => new(Sum + value, Count + 1);
}

/// <summary>The last measurements of a site: of its connection point, and of its assets by name.</summary>
public sealed record Measurements(AssetReading? Site, ImmutableSortedDictionary<string, AssetReading> Assets)
{
    /// <summary>Assets remembered of one site; those beyond don't show in its status.</summary>
    public const int MostAssets = 1_000;

    /// <summary>Power flows at the assets: true above a bound, false below a lower one, as before between them. Null: not measured yet.</summary>
    public bool? IsRunning { get; init; }

    public bool Equals(Measurements? other) => other is not null && Site == other.Site && IsRunning == other.IsRunning && DerClientState.AreEqual(Assets, other.Assets);

    public override int GetHashCode() => HashCode.Combine(Site, Assets.Count);
}

/// <summary>The last measurement of a site or an asset.</summary>
/// <param name="At">Our time.</param>
/// <param name="NetPowerW">W, + = import.</param>
/// <param name="SocPercent">0..100.</param>
/// <param name="HeadroomDownW">Power that could be given up now, W.</param>
/// <param name="ManualOverride">People hold the site against what it was asked.</param>
/// <param name="AlarmsAt">When it last stated alarms.</param>
public sealed record AssetReading(Instant At, long? NetPowerW, decimal? SocPercent, long? HeadroomDownW, bool ManualOverride, Instant? AlarmsAt);
