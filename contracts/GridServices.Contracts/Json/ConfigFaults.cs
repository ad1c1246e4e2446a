using GridServices.Contracts.Json;
using NodaTime;

namespace GridServices.Contracts;

/// <summary>One thing that is wrong with a document.</summary>
/// <param name="Class">The error class.</param>
/// <param name="Pointer">JSON Pointer of the member; empty for the document itself.</param>
/// <param name="Detail">What is wrong and how to fix it.</param>
public sealed record ConfigFault(ErrorClass Class, string Pointer, string Detail);

/// <summary>Collects what is wrong with a document; every rule is checked, none stops the others.</summary>
/// <param name="most">How many are kept; whoever has more of them than this wrong sends again.</param>
public sealed class ConfigFaults(int most = ConfigFaults.Most)
{
    /// <summary>Faults that one answer names.</summary>
    public const int Most = 100;

    private const long MostWatts = 1L << 53;
    private readonly List<ConfigFault> _faults = [];

    /// <summary>What was found, in the order in which it was found.</summary>
    public IReadOnlyList<ConfigFault> All => _faults;

    public bool Any => _faults.Count > 0;

    /// <summary>True when no more are kept: reading on is of no use.</summary>
    public bool IsFull => _faults.Count >= most;

    /// <summary>Notes a fault of meaning, class CONFIGURATION.</summary>
    public void Add(string pointer, string detail) => Add(ErrorClass.Configuration, pointer, detail);

    /// <summary>Notes a fault, while there is room.</summary>
    public void Add(ErrorClass error, string pointer, string detail)
    {
        if (!IsFull)
        {
            _faults.Add(new ConfigFault(error, pointer, detail));
        }
    }

    /// <inheritdoc cref="Add(ErrorClass, string, string)"/>
    public void Add(ErrorClass error, JsonPath path, string detail)
    {
        if (!IsFull)
        {
            _faults.Add(new ConfigFault(error, path.ToString(), detail));
        }
    }

    /// <summary>A rule that must hold.</summary>
    public void Unless(bool holds, string pointer, string detail, ErrorClass kind = ErrorClass.Configuration)
    {
        if (!holds)
        {
            Add(kind, pointer, detail);
        }
    }

    /// <summary>A number within both bounds, each allowed.</summary>
    public void Between(decimal value, decimal least, decimal most, string pointer, string unit) =>
        Unless(value >= least && value <= most, pointer, $"must be from {least} to {most} {unit}".TrimEnd(), ErrorClass.SemanticNumber);

    /// <summary>A text that may be part of a path.</summary>
    public void Identifier(string pointer, string text)
    {
        if (!Identifiers.IsSafe(text))
        {
            Add(ErrorClass.SemanticId, pointer, "must have 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begin with a letter, digit or _ and hold no '..'");
        }
    }

    /// <summary>A name that no other entry may have.</summary>
    public void Once(string pointer, string name, HashSet<string> seen)
    {
        if (!seen.Add(name))
        {
            Add(ErrorClass.DuplicateId, pointer, $"{SafeText.Quote(name)} is there twice");
        }
    }

    /// <summary>A limit in W, 0..2^53.</summary>
    public void Watts(string pointer, long? value)
    {
        if (value is < 0 or > MostWatts)
        {
            Add(ErrorClass.SemanticNumber, pointer, "must be between 0 and 2^53 W; leave it out for 'no statement' (0 means nothing allowed)");
        }
    }

    /// <summary>Limits that an envelope may state: 0..2^53 W, 0..1,000,000 A with at most three decimals; else what is published with them would be refused.</summary>
    public void LimitsAt(string pointer, Limits? limits)
    {
        Watts($"{pointer}/importLimitW", limits?.ImportLimitW);
        Watts($"{pointer}/exportLimitW", limits?.ExportLimitW);
        Watts($"{pointer}/chargeLimitW", limits?.ChargeLimitW);
        Watts($"{pointer}/dischargeLimitW", limits?.DischargeLimitW);
        Watts($"{pointer}/generationLimitW", limits?.GenerationLimitW);
        Watts($"{pointer}/loadLimitW", limits?.LoadLimitW);
        foreach (var (name, phase) in new[] { ("L1", limits?.PerPhase?.L1), ("L2", limits?.PerPhase?.L2), ("L3", limits?.PerPhase?.L3) })
        {
            Amperes($"{pointer}/perPhase/{name}/importLimitA", phase?.ImportLimitA);
            Amperes($"{pointer}/perPhase/{name}/exportLimitA", phase?.ExportLimitA);
        }
    }

    /// <summary>A fail-safe rule that an envelope may state: stale after PT1S to P366D, with limits where it falls back to them.</summary>
    public void FailsafeAt(string pointer, Failsafe? failsafe)
    {
        if (failsafe is null)
        {
            return;
        }

        StaleAfter($"{pointer}/staleAfter", failsafe.StaleAfter);
        Within($"{pointer}/minDuration", failsafe.MinDuration, Duration.Zero, TimeText.LongestDuration);
        Unless(failsafe is not { OnStale: OnStale.Failsafe, Limits: null }, $"{pointer}/limits", "is missing: with onStale failsafe the limits to fall back to must be stated");
        LimitsAt($"{pointer}/limits", failsafe.Limits);
    }

    /// <summary>The silence after which a fail-safe rule acts: heartbeats come three times in it, and not more often than every third of a second.</summary>
    public void StaleAfter(string pointer, Duration value) =>
        Unless(value >= EnvelopeBounds.ShortestStaleAfter && value <= TimeText.LongestDuration, pointer, "must be PT1S to P366D, such as PT2M");

    /// <summary>A duration within both bounds, each allowed.</summary>
    public void Within(string pointer, Duration? value, Duration least, Duration most)
    {
        if (value is { } duration && (duration < least || duration > most))
        {
            Add(pointer, $"must be between {TimeText.Format(least)} and {TimeText.Format(most)}");
        }
    }

    private void Amperes(string pointer, decimal? value)
    {
        if (value is { } amperes && (amperes is < 0 or > EnvelopeBounds.MaxAmperes || decimal.Round(amperes, 3) != amperes))
        {
            Add(ErrorClass.SemanticNumber, pointer, "must be between 0 and 1,000,000 A, with at most three decimals");
        }
    }
}
