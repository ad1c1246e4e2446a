using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Takes in one control: new, known, changed, ended by the server, or refused.</summary>
internal static class ControlIntake
{
    private const int MostControls = 4096;
    private static readonly Duration FarAhead = Duration.FromDays(366);

    /// <summary>
    /// The control as it is held from now on; null: it is not held. The items are all of the list with this mRID: more than one is a mistake of the
    /// server's, and so are others with it in weaker programs, which count where these say nothing.
    /// </summary>
    public static HeldControl? Of(Look look, ProgramView program, IReadOnlyList<DerControl> items, IReadOnlyList<DerControl> others, HeldControl? held, int count)
    {
        var judged = items.Select(i => (Item: i, Judged: ControlReading.Read(look.Config, i, look.Now))).ToList();
        var good = judged.Where(j => j.Judged.Good is not null).Select(j => (j.Item, Content: j.Judged.Good!)).ToList();
        good.AddRange(others.Select(o => (Item: o, Content: ControlReading.Read(look.Config, o, look.Now).Good))
            .Where(o => o.Content is not null && !good.Exists(g => Duplicates.Covers(g.Content, o.Content))).Select(o => (o.Item, o.Content!)).ToList());
        var fault = judged.Select(j => j.Judged.Fault).FirstOrDefault(f => f is not null);
        var received = items.MaxBy(i => i.EventStatus.DateTime)!;
        var content = good.Select(g => g.Content).FirstOrDefault();
        if (good.Skip(1).Any(g => !g.Content.AsksTheSame(content!)))
        {
            look.Remark(NoteLevel.Alarm, ErrorClass.DuplicateId, received.MRid,
                $"{Name(received)} is listed more than once with different content; at each instant the strictest of those that would hold does. Give each its own mRID.");
            (received, content, held) = Several(received, good, held);
        }

        return held is not null
            ? Known(look, program, received, held, content, fault)
            : Fresh(look, program, received, content, fault, count);
    }

    // One that the server has ended takes its own content along and no other.
    private static (DerControl Received, ControlContent Content, HeldControl? Held) Several(
        DerControl latest, List<(DerControl Item, ControlContent Content)> good, HeldControl? held)
    {
        var live = good.Where(g => g.Item.EventStatus.CurrentStatus is EventState.Scheduled or EventState.Active).ToList();
        var counting = live.Count > 0 ? live : good;
        var content = Duplicates.Strictest([.. counting.Select(g => g.Content)]);
        var received = live.Count > 0 ? live.MaxBy(g => g.Item.EventStatus.DateTime).Item : latest;
        if (held is not null && !content.AsksTheSame(held.Content))
        {
            content = Duplicates.Over(held, content, [.. good.Except(counting).Select(g => g.Content)]);
            held = held with { Content = content };
            held = held.Begun ? Retimed(held, held) : held;
        }

        return (received with { CreationTime = content.CreationTime }, content, held);
    }

    /// <summary>An item that could not be read: the held control of that name goes on; an unknown one is answered.</summary>
    public static void Unreadable(Look look, string programKey, UnreadableItem item, bool isHeld)
    {
        var about = item.MRid ?? item.Href ?? programKey;
        var what = $"A control of program {Refusal.Quote(programKey, 80)} can't be read ({item.Refusal})";
        if (isHeld || item.MRid is null)
        {
            look.Remark(NoteLevel.Warning, item.Refusal.Class, about, isHeld ? $"{what}; the one held goes on." : $"{what}; it can't be answered by name.");
            return;
        }

        Refuse(look, item.MRid, item.ReplyTo, item.ResponseRequired ?? 0, ControlFault.Invalid(item.Refusal.Class, what));
    }

    private static HeldControl? Fresh(Look look, ProgramView program, DerControl received, ControlContent? content, ControlFault? fault, int count)
    {
        // The server means other devices.
        if (received.DeviceCategory is { } meant and not 0 && look.Config.DeviceCategory is { } ours && (meant & ours) == 0)
        {
            return null;
        }

        if (content is null)
        {
            Refuse(look, received.MRid, received.ReplyTo, received.ResponseRequired ?? 0, fault!);
            return null;
        }

        var fresh = Randomisation.Draw(Held(look, program, received, content), look.Seed);
        var start = Instant.FromUnixTimeSeconds(content.StartS) + Duration.FromSeconds(fresh.StartOffsetS);
        fresh = fresh with { Start = start, End = start + Duration.FromSeconds(Math.Max(1, content.DurationS + fresh.DurationOffsetS)) };
        if (content.EndS() <= look.Now.ToUnixTimeSeconds() || fresh.End <= look.Now)
        {
            Expired(look, received);
            return null;
        }

        if (received.EventStatus.CurrentStatus == EventState.Completed)
        {
            return null;
        }

        if (count >= MostControls)
        {
            look.Remark(NoteLevel.Alarm, ErrorClass.LimitCount, program.ProgramKey, $"More than {MostControls} controls are held; {Name(received)} is not taken.");
            return null;
        }

        Remarks(look, received, fresh);
        return Status(look, received, fresh);
    }

    private static HeldControl Known(Look look, ProgramView program, DerControl received, HeldControl held, ControlContent? content, ControlFault? fault)
    {
        var home = held with { ProgramKey = program.ProgramKey, Primacy = program.Primacy, IsRanked = program.IsRanked, Listed = true };
        if (home.Ending is { Kind: EndingKind.Removed } && look.Now < home.End)
        {
            home = home with { Ending = null };
        }

        if (received.CreationTime < held.Content.CreationTime)
        {
            // An end that was declared stays declared, in whatever version it is told.
            look.Remark(NoteLevel.Warning, ErrorClass.SeqRegression, received.MRid, $"{Name(received)} came in an older version than the one held; its content is passed over.");
            var older = Status(look, received, home);
            return older == held ? held : older;
        }

        if (fault is not null)
        {
            look.Remark(NoteLevel.Warning, fault.Class, received.MRid, $"{Name(received)} came with content that can't be used: {fault.Text}. The one held goes on.");
        }

        var next = Status(look, received, content is null ? home : home with { Content = Content(look, received, home, content) });
        next = next.Content.StartS == held.Content.StartS && next.Content.DurationS == held.Content.DurationS ? next : Retimed(next, held);
        return next == held ? held : next;
    }

    // Behaviour rule 15: events are immutable but for their status; only a version above the one held changes one.
    private static ControlContent Content(Look look, DerControl received, HeldControl held, ControlContent content)
    {
        if (content.AsksTheSame(held.Content) || content.Version > (held.Content.Version ?? 0))
        {
            return content;
        }

        look.Remark(NoteLevel.Warning, ErrorClass.SeqConflict, received.MRid,
            $"The server changed {Name(received)} without raising its version; the change is not applied. Cancel it and create another.");
        return held.Content with { CreationTime = content.CreationTime, ReplyTo = content.ReplyTo, ResponseRequired = content.ResponseRequired };
    }

    private static HeldControl Retimed(HeldControl next, HeldControl held) => next.Content.StartS != held.Content.StartS
        ? next with { Begun = false }
        : next with { End = next.Start + Duration.FromSeconds(Math.Max(1, next.Content.DurationS + next.DurationOffsetS)) };

    /// <summary>What the server says of the event's state. Whether it is active is decided by our own synchronised clock.</summary>
    private static HeldControl Status(Look look, DerControl received, HeldControl held)
    {
        if (held.Ending is not null || look.Now >= held.End)
        {
            return held;
        }

        switch (received.EventStatus.CurrentStatus)
        {
            case EventState.Cancelled:
                return End(look, held, EndingKind.Cancelled, look.Now, "cancelled by the server");
            case EventState.CancelledWithRandomization:
                var at = held.Told.Count == 0 ? look.Now : Randomisation.CancelledEnd(held, look.Now, look.Seed);
                return End(look, held, EndingKind.Cancelled, at, "cancelled by the server with randomisation");
            case EventState.Superseded:
                // Behaviour rule 17: what the server marks superseded ends at once.
                return End(look, held, EndingKind.Superseded, look.Now, "marked superseded by the server");
            default:
                return held;
        }
    }

    private static HeldControl End(Look look, HeldControl held, EndingKind kind, Instant at, string why)
    {
        look.Note(NoteLevel.Information, null, held.MRid, $"Control {Refusal.Quote(held.MRid, 80)} was {why}; it ends at {at} by the server's clock.");
        return held with { Ending = new Ending(kind, at) };
    }

    // Behaviour rule 16: over when it first came. What was cancelled or superseded besides needs no answer.
    private static void Expired(Look look, DerControl received)
    {
        if (received.EventStatus.CurrentStatus is EventState.Scheduled or EventState.Active)
        {
            Refuse(look, received.MRid, received.ReplyTo, received.ResponseRequired ?? 0,
                new ControlFault(ErrorClass.SemanticExpired, ResponseStatus.Expired, "it was over when it came"));
        }
    }

    private static void Refuse(Look look, string mrid, string? replyTo, byte responseRequired, ControlFault fault)
    {
        var told = look.Remarks.HasTold(mrid, fault.Status);
        if (look.Remark(NoteLevel.Warning, fault.Class, mrid, $"Control {Refusal.Quote(mrid, 80)} is refused ({fault.Status}): {fault.Text}.", fault.Status)
            && !told && look.Config.SendRejections)
        {
            look.Respond(mrid, fault.Status, replyTo, responseRequired, look.Now, null);
        }
    }

    private static void Remarks(Look look, DerControl received, HeldControl fresh)
    {
        if (received.EventStatus.CurrentStatus == EventState.Active && fresh.Content.StartS > look.Now.ToUnixTimeSeconds())
        {
            look.Remark(NoteLevel.Warning, ErrorClass.SemanticStatus, received.MRid, $"The server calls {Name(received)} active before its start; its times hold.");
        }

        if (fresh.Start > look.Now + FarAhead)
        {
            look.Remark(NoteLevel.Information, ErrorClass.SemanticTime, received.MRid, $"{Name(received)} lies more than a year ahead; it is kept.");
        }

        if (fresh.Content.Settings.Count == 0)
        {
            look.Remark(NoteLevel.Warning, ErrorClass.SemanticEmpty, received.MRid, $"{Name(received)} holds no control mode; it changes nothing and lifts no limit.");
        }

        if (received.Illegible.Count > 0)
        {
            look.Remark(NoteLevel.Warning, ErrorClass.SchemaInvalid, received.MRid, $"{Name(received)} holds what can't be read: {string.Join(", ", received.Illegible)}; the rest is followed.");
        }

        if (ControlReading.LeftOut(look.Config, received) is { } names)
        {
            look.Remark(NoteLevel.Information, ErrorClass.UnsupportedSignal, received.MRid, $"{Name(received)} holds modes that are not carried out here: {names}; the others are.");
        }

        var settings = string.Join(", ", fresh.Content.Settings.Select(s => $"{SettingReading.WireName(s.Mode)} {s.Amount}"));
        look.Note(NoteLevel.Information, null, received.MRid, $"{Name(received)} received: {fresh.Start} to {fresh.End} by the server's clock, {settings}.");
    }

    private static HeldControl Held(Look look, ProgramView program, DerControl received, ControlContent content) => new()
    {
        MRid = received.MRid,
        ProgramKey = program.ProgramKey,
        Primacy = program.Primacy,
        IsRanked = program.IsRanked,
        Content = content,
        ReceivedAt = look.Now,
        Sha256 = program.Sha256,
        StartOffsetS = 0,
        DurationOffsetS = 0,
        Start = look.Now,
        End = look.Now,
    };

    private static string Name(DerControl received) => $"Control {Refusal.Quote(received.MRid, 80)}";
}
