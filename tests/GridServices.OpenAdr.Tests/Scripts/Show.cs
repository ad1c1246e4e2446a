using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Scripts;

/// <summary>Publications and answers as lines that can be compared by eye: <c>site-1 PROG7: 20:00-21:00 import 60000</c>.</summary>
internal static class Show
{
    public static string Format(EnginePublication publication) => publication switch
    {
        EnginePublication.PublishEnvelope { Envelope: var e } =>
            $"{e.SiteId} {e.Stream.Key}{(e.Obligation == Obligation.Advisory ? " (advisory)" : string.Empty)}: {Body(e)}",
        EnginePublication.WithdrawEnvelope { Withdrawal: var w } => $"{w.SiteId} {w.Stream.Key}: withdrawn",
        EnginePublication.PublishPrices { Prices: var p } =>
            $"{p.SiteId} {p.Stream.Key}: {(p.Segments.Count == 0 ? "no prices" : string.Join(", ", p.Segments.Select(s => $"{Span(s.From, s.Until)} {s.ImportPrice ?? s.ExportPrice} {p.Currency}/{p.Unit}")))}",
        _ => throw new InvalidOperationException(),
    };

    public static string Format(OadrCreatedEvent answer) => answer.EventResponses.Count == 0
        ? $"{answer.Response.Code}"
        : string.Join(", ", answer.EventResponses.Select(r => $"{r.QualifiedEventId.EventId}/{r.QualifiedEventId.ModificationNumber} {r.Code} {r.OptType}"));

    /// <summary>The answer about events; of a push VEN to a payload refused as a whole: oadrResponse.</summary>
    public static string Format(OadrMessage answer) => answer switch
    {
        OadrCreatedEvent created => Format(created),
        OadrResponse { Response: var response } => $"{response.Code}",
        _ => answer.Name,
    };

    private static string Body(Envelope e)
    {
        var parts = e.Segments.Select(s => $"{Span(s.From, s.Until)} {Text(s.Limits)}")
            .Concat(e.Targets.Select(t => $"{Span(t.From, t.Until)} target {t.TargetW}")).ToList();
        return parts.Count == 0 ? "nothing" : string.Join(", ", parts);
    }

    private static string Text(Limits l)
    {
        (string Name, long? Value)[] quantities = [("import", l.ImportLimitW), ("export", l.ExportLimitW), ("charge", l.ChargeLimitW), ("load", l.LoadLimitW)];
        return string.Join(' ', quantities.Where(q => q.Value is not null).Select(q => $"{q.Name} {q.Value}"));
    }

    private static string Span(Instant from, Instant? until) => $"{Clock(from)}-{(until is { } u ? Clock(u) : "…")}";

    private static string Clock(Instant at)
    {
        var text = at.ToString("HH:mm:ss", null);
        return text.EndsWith(":00", StringComparison.Ordinal) ? text[..5] : text;
    }
}
