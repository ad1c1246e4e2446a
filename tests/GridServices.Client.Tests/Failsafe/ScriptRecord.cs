using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Client.Tests.FailsafeMachines;

/// <summary>
/// One script as data, for SDKs in other languages: what came when, and what held after it as far as that differs from the step before. Kept only while <see cref="Kept"/> is set.
/// </summary>
internal sealed class ScriptRecord
{
    // What loops for a day says nothing new after so many steps.
    private const int MostSteps = 120;
    private static readonly AsyncLocal<List<JsonObject>?> Into = new();
    private readonly JsonArray steps = [];
    private string? last;

    /// <summary>Where scripts that begin are kept; null: nowhere.</summary>
    public static List<JsonObject>? Kept
    {
        get => Into.Value;
        set => Into.Value = value;
    }

    public static ScriptRecord? Begin(HeldSet? persisted, FailsafeOptions options, Moment now, SiteHolding state)
    {
        if (Kept is not { } kept)
        {
            return null;
        }

        var record = new ScriptRecord();
        var script = new JsonObject
        {
            ["siteId"] = Samples.Site,
            ["options"] = new JsonObject { ["initLimits"] = ToJson(options.InitLimits), ["default"] = ToJson(options.Default) },
            ["persisted"] = persisted is null ? null : ToJson(InOrder(persisted)),
        };
        record.Add(null, now, state);
        script["steps"] = record.steps;
        kept.Add(script);
        return record;
    }

    public void Add(HubMessage? message, Moment now, SiteHolding state)
    {
        if (steps.Count >= MostSteps)
        {
            return;
        }

        var step = new JsonObject { ["wall"] = TimeText.Format(now.Wall), ["monotonicMs"] = (long)now.Monotonic.TotalMilliseconds };
        if (message is { } heard && Name(heard) is { } name)
        {
            step[name] = Written(heard);
        }

        var then = Then(state, now);
        if (then.ToJsonString() is var said && said != last)
        {
            (step["then"], last) = (then, said);
        }

        steps.Add((JsonNode)step);
    }

    /// <summary>What is written down after the last step.</summary>
    public void Keep(HeldSet written)
    {
        if (steps.Count < MostSteps)
        {
            steps[^1]!["persists"] = ToJson(InOrder(written));
        }
    }

    private static string? Name(HubMessage message) => message switch { SetStated => "set", ChangeStated => "change", HeartbeatHeard => "heartbeat", EffectiveStated => "effective", _ => null };

    private static JsonNode? Written(HubMessage message) => message switch
    {
        SetStated s => new JsonObject { ["cursor"] = s.Cursor.ToString(), ["asked"] = s.Asked, ["data"] = ToJson(s.Set) },
        ChangeStated { Publication: EnvelopePublished e } c => new JsonObject { ["cursor"] = c.Cursor.ToString(), ["envelope"] = ToJson(e.Envelope) },
        ChangeStated { Publication: EnvelopeWithdrawn w } c => new JsonObject { ["cursor"] = c.Cursor.ToString(), ["withdrawal"] = ToJson(w.Withdrawal) },
        HeartbeatHeard h => ToJson(h.Heartbeat),
        EffectiveStated e => ToJson(e.Timeline),
        _ => null,
    };

    private static JsonObject Then(SiteHolding state, Moment now)
    {
        var limits = FailsafeMachine.LimitsAt(state, now);
        var then = new JsonObject
        {
            ["phase"] = limits.Phase.ToString().ToLowerInvariant(),
            ["isKnown"] = limits.IsKnown,
            ["needsSet"] = state.NeedsSet,
            ["mostImportW"] = limits.MostImportW(4_200),
            ["mostExportW"] = limits.MostExportW(0),
            ["limits"] = Bounds(limits.Site),
            ["until"] = limits.Until is { } until && until < Instant.FromUtc(2200, 1, 1, 0, 0) ? TimeText.Format(until) : null,
            ["next"] = limits.Next is { } next ? Bounds(next) : null,
            ["streams"] = new JsonArray([.. limits.Streams.Select(s => (JsonNode)$"{s.Key.Stream} {s.Phase.ToString().ToLowerInvariant()}")]),
        };
        return then;
    }

    private static JsonObject Bounds(EffectiveLimits limits)
    {
        var bounds = new JsonObject();
        Add("importLimitW", limits.ImportLimitW);
        Add("exportLimitW", limits.ExportLimitW);
        Add("chargeLimitW", limits.ChargeLimitW);
        Add("dischargeLimitW", limits.DischargeLimitW);
        Add("generationLimitW", limits.GenerationLimitW);
        Add("loadLimitW", limits.LoadLimitW);
        Add("connect", limits.Connect);
        Add("energize", limits.Energize);
        Add("L1.importLimitA", limits.PerPhase?.L1?.ImportLimitA);
        return bounds;

        void Add<T>(string name, Bound<T>? bound)
            where T : struct
        {
            if (bound is not null)
            {
                bounds[name] = new JsonArray(JsonValue.Create(bound.Value), $"{bound.BoundBy.Service}/{bound.BoundBy.Key}");
            }
        }
    }

    // Dictionaries have no order of their own.
    private static HeldSet InOrder(HeldSet set) => set with
    {
        Failsafes = [.. set.Failsafes.OrderBy(f => f.Envelope.Stream.ToString(), StringComparer.Ordinal)],
        Losses = [.. set.Losses.OrderBy(l => l.Stream.ToString(), StringComparer.Ordinal)],
    };

    private static JsonNode? ToJson<T>(T value) => JsonSerializer.SerializeToNode(value, ContractJson.Options);
}
