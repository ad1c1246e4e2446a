using System.Globalization;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Takes in one control: new, known, changed, ended by the server, or refused.</summary>
internal static class ControlIntake
{
    private static readonly Duration FarAhead = Duration.FromDays(366);

    /// <summary>
    /// The control as it is held from now on; null: it is not held. The items are all of the list with this mRID: more than one is a mistake of the
    /// server's, and so are others with it in weaker programs, which count where these say nothing.
    /// </summary>
    public static HeldControl? Process(EvaluationContext context, ProgramView program, IReadOnlyList<DerControl> items, IReadOnlyList<DerControl> others, HeldControl? held, int count)
    {
        held = held is null ? null : Reclocking.OnClock(held, program.ClockShiftS, context.Now);

        // What is listed under the name for other devices says nothing here, as long as something is for ours.
        items = items.Any(i => IsOurs(context.Config, i)) ? [.. items.Where(i => IsOurs(context.Config, i))] : items;
        others = [.. others.Where(o => IsOurs(context.Config, o))];
        var judged = items.Select(i => (Item: i, Judged: ControlReading.Read(context.Config, i, context.Now))).ToList();
        var good = judged.Where(j => j.Judged.Good is not null).Select(j => (j.Item, Content: j.Judged.Good! with { ClockShiftS = program.ClockShiftS })).ToList();
        good.AddRange(others.Select(o => (Item: o, Content: ControlReading.Read(context.Config, o, context.Now).Good is { } c ? c with { ClockShiftS = program.ClockShiftS } : null))
            .Where(o => o.Content is not null && !good.Exists(g => Duplicates.Covers(g.Content, o.Content))).Select(o => (o.Item, o.Content!)).ToList());
        var fault = judged.Select(j => j.Judged.Fault).FirstOrDefault(f => f is not null);
        var received = items.MaxBy(i => i.EventStatus.DateTime)!;
        var content = good.Select(g => g.Content).FirstOrDefault();
        if (good.Skip(1).Any(g => !g.Content.IsEquivalentTo(content!)))
        {
            context.Remark(NoteLevel.Alarm, ErrorClass.DuplicateId, received.MRid,
                $"{Name(received)} is listed more than once with different content; at each instant the strictest of those that would hold does. Give each its own mRID.");
            (received, content, held) = Several(received, good, held);
        }

        return held is not null
            ? Known(context, program, received, held, content, fault)
            : CreateControl(context, program, received, content, fault, count);
    }

    // One that the server has ended takes its own content along and no other.
    private static (DerControl Received, ControlContent Content, HeldControl? Held) Several(
        DerControl latest, List<(DerControl Item, ControlContent Content)> good, HeldControl? held)
    {
        var live = good.Where(g => g.Item.EventStatus.CurrentStatus is EventState.Scheduled or EventState.Active).ToList();
        var counting = live.Count > 0 ? live : good;
        var content = Duplicates.Strictest([.. counting.Select(g => g.Content)]);
        var received = live.Count > 0 ? live.MaxBy(g => g.Item.EventStatus.DateTime).Item : latest;
        if (held is not null && !content.IsEquivalentTo(held.Content))
        {
            content = Duplicates.Over(held, content, [.. good.Except(counting).Select(g => g.Content)]);
            held = held with { Content = content };
            held = held.Begun ? Retime(held, held) : held;
        }

        return (received with { CreationTime = content.CreationTime }, content, held);
    }

    /// <summary>An item that could not be read: the held control of that name goes on; an unknown one is answered.</summary>
    public static void Unreadable(EvaluationContext context, string programKey, UnreadableItem item, bool isHeld)
    {
        var about = item.MRid ?? item.Href ?? programKey;
        var what = $"A control of program {SafeText.Quote(programKey, 80)} can't be read ({item.Refusal})";
        if (isHeld || item.MRid is null)
        {
            context.Remark(NoteLevel.Warning, item.Refusal.Class, about, isHeld ? $"{what}; the one held goes on." : $"{what}; it can't be answered by name.");
            return;
        }

        Refuse(context, item.MRid, item.ReplyTo, item.ResponseRequired ?? 0, ControlFault.Invalid(item.Refusal.Class, what));
    }

    /// <summary>False: the server means devices of other categories.</summary>
    public static bool IsOurs(DerScheduleConfig config, DerControl received) =>
        received.DeviceCategory is not { } meant || meant == 0 || config.DeviceCategory is not { } ours || (meant & ours) != 0;

    private static HeldControl? CreateControl(EvaluationContext context, ProgramView program, DerControl received, ControlContent? content, ControlFault? fault, int count)
    {
        // IEEE 2030.5 DERControl.deviceCategory: the server means other devices.
        if (!IsOurs(context.Config, received))
        {
            context.Remark(NoteLevel.Information, ErrorClass.UnsupportedSignal, received.MRid, string.Create(
                CultureInfo.InvariantCulture, $"{Name(received)} is for devices of category {received.DeviceCategory:X8}, which this site is not ({context.Config.DeviceCategory:X8}); it is none of ours."));
            return null;
        }

        // It waits for room: nothing of it changes before there may be some.
        if (context.LookedAgainAt is { } later && later > context.Now && context.Remarks.Has(received.MRid, ErrorClass.LimitCount))
        {
            context.LookAgain(later);
            return null;
        }

        if (content is null)
        {
            if (ControlReading.GetAcceptableFrom(received) is var believable && believable > context.Now)
            {
                context.LookAgain(believable);
            }

            Refuse(context, received.MRid, received.ReplyTo, received.ResponseRequired ?? 0, fault!);
            return null;
        }

        var fresh = Randomisation.Draw(Held(context, program, received, content), context.Seed);
        var start = Instant.FromUnixTimeSeconds(content.StartS) + Duration.FromSeconds(fresh.StartOffsetS);
        fresh = fresh with { Start = start, End = start + Duration.FromSeconds(Math.Max(1, content.DurationS + fresh.DurationOffsetS)) };
        if (content.EndS() <= context.Now.ToUnixTimeSeconds() || fresh.End <= context.Now)
        {
            Expired(context, received);
            return null;
        }

        if (received.EventStatus.CurrentStatus == EventState.Completed)
        {
            return null;
        }

        if (count >= ControlCapacity.MostHeld)
        {
            context.Remark(NoteLevel.Alarm, ErrorClass.LimitCount, program.ProgramKey, $"More than {ControlCapacity.MostHeld} controls are held, most of them ended before their time; {Name(received)} is not taken.");
            return null;
        }

        // One that had to make room is taken up again as what it was: received.
        fresh = context.Remarks.HasTold(received.MRid, ResponseStatus.Received) ? fresh with { Told = [ResponseStatus.Received] } : fresh;
        Remarks(context, received, fresh);
        return Status(context, received, fresh, isKnown: false);
    }

    private static HeldControl Known(EvaluationContext context, ProgramView program, DerControl received, HeldControl held, ControlContent? content, ControlFault? fault)
    {
        var home = held with { ProgramKey = program.ProgramKey, Primacy = program.Primacy, IsRanked = program.IsRanked, Listed = true };
        if (home.IsInherited)
        {
            // This identity has received it now, and answers it from here on.
            home = context.Now < home.Over()
                ? home with { IsInherited = false, ReceivedAt = context.Now, FirstReceivedAt = home.FirstReceivedAt ?? home.ReceivedAt }
                : home with { IsInherited = false };
        }

        if (home.Ending is { Kind: EndingKind.Removed } && context.Now < home.End)
        {
            home = home with { Ending = null };
        }

        if (received.CreationTime < held.Content.CreationTime)
        {
            // An end that was declared stays declared, in whatever version it is told.
            context.Remark(NoteLevel.Warning, ErrorClass.SeqRegression, received.MRid, $"{Name(received)} came in an older version than the one held; its content is skipped.");
            var older = Status(context, received, home);
            return older == held ? held : older;
        }

        if (fault is not null)
        {
            context.Remark(NoteLevel.Warning, fault.Class, received.MRid, $"{Name(received)} came with content that can't be used: {fault.Text}. The one held goes on.");
        }

        var next = Status(context, received, content is null ? home : home with { Content = Content(context, received, home, content) });
        next = next.Content.StartS == held.Content.StartS && next.Content.DurationS == held.Content.DurationS ? next : Retime(next, held);
        return next == held ? held : next;
    }

    // Behaviour rule 15: events are immutable but for their status; only a version above the one held changes one.
    private static ControlContent Content(EvaluationContext context, DerControl received, HeldControl held, ControlContent content)
    {
        // Ahead of the clock it keeps the rank that it came with.
        content = IsAhead(context, received) ? content with { CreationTime = Math.Min(content.CreationTime, held.Content.CreationTime) } : content;
        if (content.IsEquivalentTo(held.Content) || content.Version > (held.Content.Version ?? 0))
        {
            return content;
        }

        context.Remark(NoteLevel.Warning, ErrorClass.SeqConflict, received.MRid,
            $"The server changed {Name(received)} without raising its version; the change is not applied. Cancel it and create another.");
        return held.Content with { CreationTime = content.CreationTime, ReplyTo = content.ReplyTo, ResponseRequired = content.ResponseRequired };
    }

    private static HeldControl Retime(HeldControl next, HeldControl held) => next.Content.StartS != held.Content.StartS
        ? next with { Begun = false }
        : next with { End = next.Start + Duration.FromSeconds(Math.Max(1, next.Content.DurationS + next.DurationOffsetS)) };

    /// <summary>What the server says of the event's state. Whether it is active is decided by our own synchronised clock.</summary>
    private static HeldControl Status(EvaluationContext context, DerControl received, HeldControl held, bool isKnown = true)
    {
        if (held.Ending is not null || context.Now >= held.End)
        {
            return held;
        }

        switch (received.EventStatus.CurrentStatus)
        {
            case EventState.Cancelled:
                return End(context, held, EndingKind.Cancelled, context.Now, "cancelled by the server");
            case EventState.CancelledWithRandomization:
                var at = held.Told.Count == 0 ? context.Now : Randomisation.CancelledEnd(held, context.Now, context.Seed);
                return End(context, held, EndingKind.Cancelled, at, "cancelled by the server with randomisation");
            case EventState.Superseded when isKnown && context.Successors?.MayReplace(held) == true:
                context.Remark(NoteLevel.Alarm, ErrorClass.LastKnownGood, held.MRid,
                    $"{Name(received)} is marked superseded, but a control that may supersede it can't be read: its limits hold on, and the strictest of what holds counts, until that can be read or is gone.");
                return held.IsUnreplaced ? held : held with { IsUnreplaced = true };
            case EventState.Superseded:
                // Behaviour rule 17: what the server marks superseded ends at once.
                return Superseded(context, held);
            default:
                return held.IsUnreplaced ? held with { IsUnreplaced = false } : held;
        }
    }

    /// <summary>The control, ended by the server's mark.</summary>
    public static HeldControl Superseded(EvaluationContext context, HeldControl held) =>
        End(context, held, EndingKind.Superseded, context.Now, "marked superseded by the server");

    private static HeldControl End(EvaluationContext context, HeldControl held, EndingKind kind, Instant at, string why)
    {
        context.Note(NoteLevel.Information, null, held.MRid, $"Control {SafeText.Quote(held.MRid, 80)} was {why}; it ends at {at} by the server's clock.");
        return held with { Ending = new Ending(kind, at) };
    }

    // Behaviour rule 16: over when it first came. What was cancelled or superseded besides needs no answer.
    private static void Expired(EvaluationContext context, DerControl received)
    {
        if (received.EventStatus.CurrentStatus is EventState.Scheduled or EventState.Active)
        {
            Refuse(context, received.MRid, received.ReplyTo, received.ResponseRequired ?? 0,
                new ControlFault(ErrorClass.SemanticExpired, ResponseStatus.Expired, "it was over when it came"));
        }
    }

    private static void Refuse(EvaluationContext context, string mrid, string? replyTo, byte responseRequired, ControlFault fault)
    {
        var told = context.Remarks.HasTold(mrid, fault.Status);
        if (context.Remark(NoteLevel.Warning, fault.Class, mrid, $"Control {SafeText.Quote(mrid, 80)} is refused ({fault.Status}): {fault.Text}.", fault.Status)
            && !told && context.Config.SendRejections)
        {
            context.Respond(mrid, fault.Status, replyTo, responseRequired, context.Now, null);
        }
    }

    private static void Remarks(EvaluationContext context, DerControl received, HeldControl fresh)
    {
        if (received.EventStatus.CurrentStatus == EventState.Active && fresh.Content.StartS > context.Now.ToUnixTimeSeconds())
        {
            context.Remark(NoteLevel.Warning, ErrorClass.SemanticStatus, received.MRid, $"The server calls {Name(received)} active before its start; its times hold.");
        }

        if (received.Interval.DurationSeconds > ControlReading.LongestS)
        {
            context.Remark(NoteLevel.Information, ErrorClass.SemanticDuration, received.MRid, $"{Name(received)} is to last {received.Interval.DurationSeconds} s; it is held for ten years, until then or a cancellation.");
        }

        if (IsAhead(context, received))
        {
            context.Remark(NoteLevel.Information, ErrorClass.SemanticTime, received.MRid, $"{Name(received)} says that it is created {received.CreationTime - context.Now.ToUnixTimeSeconds()} s from now; among others of its program it counts as created now. Set the server's clocks.");
        }

        if (fresh.Start > context.Now + FarAhead)
        {
            context.Remark(NoteLevel.Information, ErrorClass.SemanticTime, received.MRid, $"{Name(received)} lies more than a year ahead; it is kept.");
        }

        if (fresh.Content.Settings.Count == 0)
        {
            context.Remark(NoteLevel.Warning, ErrorClass.SemanticEmpty, received.MRid, $"{Name(received)} holds no control mode; it changes nothing and lifts no limit.");
        }

        if (received.Illegible.Count > 0)
        {
            context.Remark(NoteLevel.Warning, ErrorClass.SchemaInvalid, received.MRid, $"{Name(received)} holds what can't be read: {string.Join(", ", received.Illegible)}; the rest is followed.");
        }

        if (ControlReading.LeftOut(context.Config, received) is { } names)
        {
            context.Remark(NoteLevel.Information, ErrorClass.UnsupportedSignal, received.MRid, $"{Name(received)} holds modes that are not carried out here: {names}; the others are.");
        }

        if (fresh.Content is { RampTms: not null, Settings.Count: > 0 } && fresh.Content.Settings.All(s => !s.IsLimit && s.Mode <= ControlMode.StorageTargetW))
        {
            context.Remark(NoteLevel.Information, ErrorClass.SemanticNumber, received.MRid, $"{Name(received)} asks for a set-point with rampTms; set-points are passed on without a ramp, the site's controller goes there as it does.");
        }

        if (context.Remarks.Has(received.MRid, ErrorClass.LimitCount))
        {
            return; // It waits for room, or did, and was told of then.
        }

        var settings = string.Join(", ", fresh.Content.Settings.Select(s => s.Load is null ? $"{SettingReading.WireName(s.Mode)} {s.Amount}" : $"at most {s.Amount:0} W"));
        context.Note(NoteLevel.Information, null, received.MRid, $"{Name(received)} received: {fresh.Start} to {fresh.End} by the server's clock, {settings}.");
    }

    private static HeldControl Held(EvaluationContext context, ProgramView program, DerControl received, ControlContent content) => new()
    {
        MRid = received.MRid,
        ProgramKey = program.ProgramKey,
        Primacy = program.Primacy,
        IsRanked = program.IsRanked,
        Content = content,
        ReceivedAt = context.Now,
        Sha256 = program.Sha256,
        StartOffsetS = 0,
        DurationOffsetS = 0,
        Start = context.Now,
        End = context.Now,
    };

    private static bool IsAhead(EvaluationContext context, DerControl received) => received.CreationTime > (context.Now + ControlReading.CreationTolerance).ToUnixTimeSeconds();

    private static string Name(DerControl received) => $"Control {SafeText.Quote(received.MRid, 80)}";
}
