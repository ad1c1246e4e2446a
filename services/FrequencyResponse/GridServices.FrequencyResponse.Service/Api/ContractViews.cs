using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>A contract in a list.</summary>
public sealed record ContractItem(string ContractId, string SiteId, string Service, long QuantityW, ServicePhase Phase, FailSafeRung Rung, string? Refusal);

/// <summary>A contract, as it was put and as it stands.</summary>
public sealed record ContractDetail(string ContractId, ContractSettings Contract, string? Pool, ServicePhase Phase, string? Refusal, IReadOnlyList<string> Warnings);

/// <summary>Baselines per settlement period. W, + = charge or import.</summary>
public sealed record BaselineAnswer(string ContractId, bool SubmitsBaseline, IReadOnlyList<Publishing.BaselinePeriod> Periods);

/// <summary>What a contract does this moment. Powers in W, + = charge or import; responses and pu: + = raise the frequency.</summary>
public sealed record ContractState
{
    public required ServicePhase Phase { get; init; }
    public required FailSafeRung Rung { get; init; }

    /// <summary>Inside a contracted window.</summary>
    public required bool Procured { get; init; }

    /// <summary>The frequency that drives it; absent where none is valid.</summary>
    public double? FrequencyHz { get; init; }

    /// <summary>What the service asks for.</summary>
    public double? TargetPu { get; init; }

    /// <summary>What is given, after shaping and fail-safe.</summary>
    public required double Pu { get; init; }

    public required double ResponseW { get; init; }

    /// <summary>What is wrong with its measurement.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>How it would be scored if the settlement period ended now.</summary>
    public required ComplianceState Compliance { get; init; }

    /// <summary>Its limited reservoir, of a service that knows such and a pool with a store: alert state, what must last, and by when it is to be restored.</summary>
    public ReservoirView? Reservoir { get; init; }

    /// <summary>The instruction that runs or comes next.</summary>
    public InstructionView? Instruction { get; init; }

    /// <summary>The line to the grid operator's broker, of a contract with <c>mqtt</c>.</summary>
    public MqttState? Mqtt { get; init; }

    /// <summary>The declared outages that hold now.</summary>
    public required IReadOnlyList<OutageView> Outages { get; init; }

    /// <summary>The activation that lasts.</summary>
    public Activation? Activation { get; init; }

    public required PoolState Pool { get; init; }
    public required IReadOnlyList<SourceState> Sources { get; init; }
}

/// <summary>Virtual compliance, of metered power. Source `none`: nothing is measured, and no factor is predicted.</summary>
public sealed record ComplianceState(
    double? LowerPu, double? UpperPu, double? ResponsePu, double ErrorPu, double WorstErrorPu, double? PredictedFactor, double MeasuredSeconds, double MissingSeconds, MeterSource Source)
{
    /// <summary>A service that follows a signal: its score of the last five minutes of the running period that are over; absent: none are.</summary>
    public RegulationWindow? Regulation { get; init; }

    internal static ComplianceState Create(in ComplianceNow now, RegulationWindow? regulation) => new(
        Numbers.Known(now.LowerPu), Numbers.Known(now.UpperPu), Numbers.Known(now.ResponsePu), now.ErrorPu, now.WorstErrorPu, now.MeasuredSeconds > 0
            ? now.PredictedFactor : null, now.MeasuredSeconds, now.MissingSeconds, now.Source)
    {
        Regulation = regulation,
    };
}

/// <summary>The assets behind a contract, as one.</summary>
public sealed record PoolState
{
    public required string Id { get; init; }

    /// <summary>Set-point of the pool, W, + = charge or import.</summary>
    public required double PowerW { get; init; }

    public required double BaselineW { get; init; }

    /// <summary>What the assets were told last in sum.</summary>
    public required long GivenW { get; init; }

    /// <summary>Response that is asked for and not given, W ≥ 0; the reasons say why.</summary>
    public required double ShortfallW { get; init; }

    /// <summary>Estimated energy in the store; absent where it is not known.</summary>
    public double? EnergyWh { get; init; }

    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>What of the contracts the assets can't do as they stand, and what would fix it.</summary>
    public required IReadOnlyList<string> Shortcomings { get; init; }

    /// <summary>Room that others leave, W: most import and export; absent = no limit. 0 also while it is not known what others state.</summary>
    public double? MostImportW { get; init; }

    public double? MostExportW { get; init; }

    /// <summary>What makes it so: the tightest case of import and export, in a line each; absent = no limit.</summary>
    public string? MostImportWhy { get; init; }

    public string? MostExportWhy { get; init; }

    /// <summary>False: another process commands, this one stands by.</summary>
    public required bool Commands { get; init; }

    public required long LeaseToken { get; init; }

    /// <summary>Decisions sent so far.</summary>
    public required long Sequence { get; init; }

    /// <summary>Turns that the recorder was too slow for; 0 unless it starves.</summary>
    public required long Unrecorded { get; init; }

    /// <summary>Datagrams of set-points that the system did not take: no route, no buffer.</summary>
    public required long LostDatagrams { get; init; }

    /// <summary>How often a sample had each fault, since the start.</summary>
    public required IReadOnlyDictionary<string, long> SampleFaults { get; init; }

    internal static PoolState Create(Pool pool, in PoolView view, bool commands)
    {
        var output = view.Output;
        var state = view.State;
        var site = state.Site;
        return new PoolState
        {
            Id = pool.Spec.Id.Key,
            PowerW = Numbers.WithoutNegativeZero(-output.PowerW),
            BaselineW = Numbers.WithoutNegativeZero(-output.BaselineW),
            GivenW = -view.GivenW,
            ShortfallW = output.ShortfallW,
            EnergyWh = Numbers.Known(output.EnergyWh),
            Reasons = ReasonNames.GetNames(output.Reasons),
            Shortcomings = pool.Shortcomings,
            MostImportW = Numbers.Limit(-site.FloorW),
            MostExportW = Numbers.Limit(site.CeilingW),
            MostImportWhy = pool.Room.WhyImport,
            MostExportWhy = pool.Room.WhyExport,
            Commands = commands,
            LeaseToken = site.Lease.Token,
            Sequence = view.Sequence,
            Unrecorded = pool.Ring.Dropped,
            LostDatagrams = pool.LostDatagrams,
            SampleFaults = Enum.GetValues<SampleFault>().Where(f => f != SampleFault.None && state.GetCount(f) > 0)
                .ToDictionary(Contracts.EnumNames<SampleFault>.GetName, f => state.GetCount(f), StringComparer.Ordinal),
        };
    }
}

/// <summary>A source as it does.</summary>
/// <param name="SourceId">Its name.</param>
/// <param name="Endpoint">Where it listens or asks.</param>
/// <param name="Received">Samples handed on, valid or not.</param>
/// <param name="Refused">Frames that were none.</param>
/// <param name="Foreign">Frames of somebody else.</param>
/// <param name="AgeSeconds">Since the last sample; absent = none yet.</param>
/// <param name="LastHz">As it came, not judged.</param>
/// <param name="Problem">Why nothing comes.</param>
/// <param name="Priority">What the kernel granted its thread.</param>
public sealed record SourceState(
    string SourceId, string? Endpoint, long Received, long Refused, long Foreign, double? AgeSeconds, double? LastHz, string? Problem, string? Priority)
{
    internal static SourceState Create(string id, Sources.SourceReader? reader) => reader?.View() is { } view
        ? new SourceState(id, reader.Endpoint, view.Received, view.Refused, view.Foreign, view.AgeSeconds, Numbers.Known(view.LastHz), view.Problem, view.Priority)
        : new SourceState(id, null, 0, 0, 0, null, null, "could not be opened; see the log", null);
}

/// <summary>JSON has no NaN and no infinity; what is not known is absent.</summary>
internal static class Numbers
{
    public static double? Known(double value) => double.IsFinite(value) ? WithoutNegativeZero(value) : null;

    /// <summary>A limit that is no number allows nothing.</summary>
    public static double? Limit(double value) => double.IsNaN(value) ? 0 : Known(value);

    /// <summary>Without the sign of a zero.</summary>
    public static double WithoutNegativeZero(double value) => value + 0.0;
}
