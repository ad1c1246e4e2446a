using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Takes in what the walk knows: tariffs that came and went, and every interval they list.</summary>
internal static class PriceIntake
{
    /// <summary>To come or running: enough for months of hours; a server that lists intervals without end is not followed without end.</summary>
    private const int MostLive = 4_000;

    /// <summary>Over, and still remembered.</summary>
    private const int MostOver = 1_024;
    private const int OverAtOnce = 256;

    /// <summary>What is over is remembered so long, so that a server that lists it again gets no second answer.</summary>
    private static readonly Duration Memory = Duration.FromHours(24);

    public static void Process(PriceContext context, IReadOnlyList<TariffView> tariffs)
    {
        var held = context.Prices.ToDictionary(p => p.MRid, StringComparer.OrdinalIgnoreCase);
        foreach (var tariff in tariffs)
        {
            if (tariff.Hole is { } hole)
            {
                Hole(context, tariff, ErrorClass.Incomplete, $"{tariff.Key}/hole", $"Tariff {Show(tariff.Key)} is not wholly legible: {hole}. No price of it is stated until it is.");
            }

            foreach (var items in tariff.Intervals.GroupBy(i => i.Interval.MRid, StringComparer.OrdinalIgnoreCase))
            {
                ProcessPrice(context, tariff, [.. items], held);
            }

            foreach (var item in tariff.Unreadable)
            {
                Unreadable(context, tariff, item, held);
            }
        }

        var mentioned = Mentioned(tariffs);
        context.Prices = [.. held.Values.Select(p => AfterList(context, tariffs, p, mentioned)).OfType<HeldPrice>()];
        Prune(context);
        context.Remarks.Prune(mentioned, isWhole: tariffs.All(t => t.IsWhole));
    }

    private static void ProcessPrice(PriceContext context, TariffView tariff, IReadOnlyList<PricedInterval> items, Dictionary<string, HeldPrice> held)
    {
        var mrid = items[0].Interval.MRid;
        var before = held.GetValueOrDefault(mrid);
        if (before is not null && !string.Equals(before.TariffKey, tariff.Key, StringComparison.OrdinalIgnoreCase))
        {
            Hole(context, tariff, ErrorClass.DuplicateId, mrid, $"Interval {Show(mrid)} stands in two tariffs; it counts in {Show(before.TariffKey)} alone. Give each its own mRID.");
        }
        else if (items.Select(i => (PriceReading.Read(i), i.ComponentKey)).Distinct().Skip(1).Any())
        {
            Hole(context, tariff, ErrorClass.DuplicateId, mrid, $"Interval {Show(mrid)} of tariff {Show(tariff.Key)} stands there with several contents; no price of the tariff is stated. Give each its own mRID.");
        }
        else if (PriceReading.FindFault(items[0].Interval, context.Now) is { } fault)
        {
            if (before is null)
            {
                Hole(context, tariff, fault.Class, mrid, $"Interval {Show(mrid)} of tariff {Show(tariff.Key)} is refused: {fault.Text}.");
                Reject(context, mrid, ResponseStatus.Invalid, items[0].Interval.ReplyTo, items[0].Interval.ResponseRequired);
            }
        }
        else if ((before is null ? New(context, tariff, items[0], held) : Known(context, items[0], before)) is { } taken)
        {
            held[mrid] = taken;
        }
    }

    private static HeldPrice? New(PriceContext context, TariffView tariff, PricedInterval item, Dictionary<string, HeldPrice> held)
    {
        var content = PriceReading.Read(item);
        var mrid = item.Interval.MRid;
        if (Instant.FromUnixTimeSeconds(content.EndS()) <= context.Now)
        {
            // Behaviour rule 16: over when first heard of.
            if (context.Remark(NoteLevel.Information, ErrorClass.SemanticExpired, mrid, $"Interval {Show(mrid)} was over when it was first heard of.", ResponseStatus.Expired))
            {
                Reject(context, mrid, ResponseStatus.Expired, content.ReplyTo, content.ResponseRequired);
            }

            return null;
        }

        // Counted only where there may be too many.
        if (held.Count >= MostLive && held.Values.Count(p => p.Over() > context.Now) >= MostLive)
        {
            Hole(context, tariff, ErrorClass.LimitCount, $"{tariff.Key}/many", $"Tariff {Show(tariff.Key)} lists more than {MostLive} intervals to come or running; no price of it is stated.");
            return null;
        }

        var (start, duration) = Randomisation.Offsets(mrid, content.RandomizeStartS, content.RandomizeDurationS, context.Seed);
        var fresh = new HeldPrice
        {
            MRid = mrid,
            TariffKey = tariff.Key,
            ComponentKey = item.ComponentKey ?? string.Empty,
            Primacy = tariff.Primacy,
            Content = content,
            ReceivedAt = context.Now,
            StartOffsetS = start,
            DurationOffsetS = duration,
            Start = Instant.FromUnixTimeSeconds(content.StartS + start),
            End = Instant.FromUnixTimeSeconds(content.StartS + start + Math.Max(1, content.DurationS + duration)),
        };
        return Ended(context, item.Interval, fresh);
    }

    // Behaviour rule 15: an event never changes but for its status; another content needs a higher version.
    private static HeldPrice Known(PriceContext context, PricedInterval item, HeldPrice before)
    {
        var content = PriceReading.Read(item);
        before = before.Content.ClockShiftS == content.ClockShiftS ? before : before with { Content = before.Content.OnClock(content.ClockShiftS) };
        var isNewer = content.Version > before.Content.Version && content.CreationTime >= before.Content.CreationTime;
        var isFilled = before.Content.Blocks.Count == 0 && content with { Blocks = [] } == before.Content;
        if (!isNewer && !isFilled && content.Blocks.Count > 0 && content != before.Content)
        {
            context.Remark(NoteLevel.Warning, ErrorClass.SeqConflict, before.MRid, $"Interval {Show(before.MRid)} changed without a higher version; what it said first holds.");
        }

        var component = item.ComponentKey ?? before.ComponentKey;
        return Ended(context, item.Interval, isNewer || isFilled ? before with { Content = content, ComponentKey = component } : before);
    }

    private static HeldPrice Ended(PriceContext context, TimeTariffInterval received, HeldPrice held)
    {
        if (held.Ending is not null || context.Now >= held.End)
        {
            return held;
        }

        return received.EventStatus.CurrentStatus switch
        {
            EventState.Cancelled => held with { Ending = new Ending(EndingKind.Cancelled, context.Now) },
            EventState.CancelledWithRandomization => held with
            {
                Ending = new Ending(
                EndingKind.Cancelled, Randomisation.CancelledEnd(held.MRid, (held.Content.RandomizeStartS, held.Content.RandomizeDurationS), (held.Start, held.End), context.Now, context.Seed))
            },
            EventState.Superseded => held with { Ending = new Ending(EndingKind.Superseded, context.Now) },
            _ => held,
        };
    }

    private static void Unreadable(PriceContext context, TariffView tariff, UnreadableItem item, Dictionary<string, HeldPrice> held)
    {
        var about = item.MRid ?? item.Href ?? $"{tariff.Key}/unreadable";
        if (item.MRid is { } id && held.ContainsKey(id))
        {
            context.Remark(NoteLevel.Warning, item.Refusal.Class, about, $"Interval {Show(about)} can't be read any more ({item.Refusal}); what it said before holds.");
            return;
        }

        Hole(context, tariff, item.Refusal.Class, about, $"Interval {Show(about)} of tariff {Show(tariff.Key)} can't be read ({item.Refusal}); no price of the tariff is stated until it can.");
        if (item.MRid is { } mrid)
        {
            Reject(context, mrid, ResponseStatus.Invalid, item.ReplyTo, item.ResponseRequired);
        }
    }

    private static HeldPrice? AfterList(PriceContext context, IReadOnlyList<TariffView> tariffs, HeldPrice held, HashSet<string> mentioned)
    {
        var tariff = tariffs.FirstOrDefault(t => string.Equals(t.Key, held.TariffKey, StringComparison.OrdinalIgnoreCase));
        if (tariff is null)
        {
            // CSIP-AUS P-02: what is taken away with its tariff is not answered any more.
            return null;
        }

        var isListed = mentioned.Contains(held.MRid);
        if (context.Config.DisappearedIsCancelled && tariff.IsWhole && !isListed && held.Ending is null && context.Now < held.Over())
        {
            // IEEE 2030.5-2023 10.2.2.3 p
            return held with { Listed = false, Primacy = tariff.Primacy, Ending = new Ending(EndingKind.Cancelled, context.Now) };
        }

        // Behaviour rule 15: not being listed any more is no cancellation.
        return held with { Listed = isListed || (held.Listed && !tariff.IsWhole), Primacy = tariff.Primacy };
    }

    // Without those that are long over, not listed, and no longer needed to know what they superseded.
    private static void Prune(PriceContext context)
    {
        var needed = context.Prices.Where(p => p.Over() > context.Now).Select(p => p.Start).DefaultIfEmpty(Instant.MaxValue).Min();
        context.Prices.RemoveAll(p => !p.Listed && p.End + Memory <= context.Now && p.Over() <= needed);

        // Of what is listed on and on its name is enough.
        var over = context.Prices.Where(p => p.End <= context.Now && p.Content.EndS() <= context.Now.ToUnixTimeSeconds() && p.Over() <= needed).ToList();
        if (over.Count > MostOver + OverAtOnce)
        {
            var gone = over.OrderByDescending(p => p.End).Skip(MostOver).Select(p => p.MRid).ToHashSet(StringComparer.OrdinalIgnoreCase);
            context.Prices.RemoveAll(p => gone.Contains(p.MRid));
            foreach (var mrid in gone)
            {
                _ = context.Remarks.Add(new Remark(mrid, ErrorClass.SemanticExpired, ResponseStatus.Expired));
            }
        }
    }

    private static void Hole(PriceContext context, TariffView tariff, ErrorClass kind, string about, string text)
    {
        context.Holes[tariff.Key] = text;
        context.Remark(NoteLevel.Alarm, kind, about, text);
    }

    private static void Reject(PriceContext context, string mrid, byte status, string? replyTo, byte? required)
    {
        if (context.Config.SendRejections)
        {
            context.Respond(mrid, status, replyTo, required ?? 0, context.Now);
        }
    }

    private static HashSet<string> Mentioned(IReadOnlyList<TariffView> tariffs) => tariffs
        .SelectMany(t => t.Intervals.Select(i => i.Interval.MRid).Concat(t.Unreadable.SelectMany(u => new[] { u.MRid, u.Href }).OfType<string>())
            .Concat(t.Components.Select(c => c.Key)).Concat(t.Hole is null ? [] : [$"{t.Key}/hole"])
            .Append(t.Key).Append($"{t.Key}/many").Append($"{t.Key}/unreadable").Append($"{t.Key}/rank"))
        .ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static string Show(string text) => SafeText.Quote(text, 80);
}
