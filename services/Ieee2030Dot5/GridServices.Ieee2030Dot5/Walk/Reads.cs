using System.Security.Cryptography;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Walk;

/// <summary>Reading the server's resources, each in its own rhythm, and taking what can be believed. What can't leaves the last good content in force.</summary>
internal static class Reads
{
    private const int MostItems = 20_000;
    private const int PagesBeyondPromise = 8;

    public static IEnumerable<Job> Jobs(DerClientConfig config, DerClientState state, Instant now)
    {
        foreach (var node in state.Nodes.Values)
        {
            var reading = state.Line.Readings.GetValueOrDefault(node.Key);
            if (reading?.Pages is { } pages)
            {
                yield return new Job(new DerPurpose.Read(node.Kind, node.Href, Lists.FactsOf(pages.List)!.Count), Instant.MinValue, FirstRank(node.Kind));
            }
            else if (reading?.ReadAt is not { } readAt || readAt > now)
            {
                yield return new Job(new DerPurpose.Read(node.Kind, node.Href, 0), Instant.MinValue, FirstRank(node.Kind));
            }
            else
            {
                yield return new Job(new DerPurpose.Read(node.Kind, node.Href, 0), Instant.Min(readAt + node.Rate, reading.AgainAt ?? Instant.MaxValue), Rank.Again);
            }
        }
    }

    /// <summary>The server answered 200.</summary>
    public static void Take(Turn turn, DerPurpose.Read read, DerReplyHeaders headers, ReadOnlyMemory<byte> body)
    {
        if (!turn.State.Nodes.TryGetValue(read.Key, out var node))
        {
            Line.Heard(turn, read);
            return; // Nothing leads there any more.
        }

        if (read.Kind == NodeKind.WellKnown)
        {
            Entrance.Take(turn, node, body);
            return;
        }

        if (Sep2Media.Check(headers.ContentType) is { } foreign)
        {
            Refuse(turn, node, foreign);
            return;
        }

        var outcome = Sep2Xml.Read(body);
        if (outcome.Resource is not { } resource)
        {
            Refuse(turn, node, outcome.Refusal!);
        }
        else if (!IsWhatWasAskedFor(node.Kind, resource))
        {
            Refuse(turn, node, new Refusal(ErrorClass.TypeMismatch, "/", $"a {resource.GetType().Name} is no {node.Kind}"));
        }
        else
        {
            if (node.Kind is NodeKind.DeviceCapability or NodeKind.EndDeviceList)
            {
                Dialects.Listen(turn, body.Span);
            }

            // Architecture law 9: a limit names the message it came in.
            Adopt(turn, node, read.From, resource, node.Kind == NodeKind.ControlList ? Convert.ToHexStringLower(SHA256.HashData(body.Span)) : null);
        }
    }

    /// <summary>The server answered with a 4xx: the resource is not there, or not for us. What was known of it stays in force, the rest goes on.</summary>
    public static void Missing(Turn turn, DerPurpose.Read read, int status, string why)
    {
        if (!turn.State.Nodes.TryGetValue(read.Key, out var node))
        {
            return;
        }

        var said = read.Kind == NodeKind.WellKnown && status == 404 ? Entrance.Absent : $"the server answers {why}";
        if (!node.Missing)
        {
            var kept = node.Known is null ? string.Empty : "; what it said before stays in force";
            Tell(turn, node, node.Known is null ? Line.ClassOf(status) : ErrorClass.LastKnownGood, $"{node.Kind} {node.Href}: {said}{kept}.");
            node = node with { Missing = true };
            Replace(turn, node);
        }

        Failing(turn, node, said);
        if (node.Kind is NodeKind.DeviceCapability)
        {
            Entrance.Lost(turn);
        }
    }

    private static void Tell(Turn turn, Node node, ErrorClass error, string text)
    {
        if (node.Kind == NodeKind.WellKnown)
        {
            turn.Alarm(NoteKind.ResourceMissing, error, text, node.Href);
        }
        else
        {
            turn.Warn(NoteKind.ResourceMissing, error, text, node.Href);
        }
    }

    /// <summary>The answer can't be used. The last good content stays.</summary>
    public static void Refuse(Turn turn, Node node, Refusal refusal)
    {
        var text = $"{Problems.NameOf(refusal.Class)} {refusal}";
        if (turn.Line.Readings.GetValueOrDefault(node.Key)?.Trouble != text)
        {
            var kept = node.Known is null ? string.Empty : " What it said before stays in force.";
            turn.Warn(NoteKind.ReplyRefused, refusal.Class, $"{node.Kind} {node.Href} is refused: {refusal}.{kept}", node.Href);
        }

        Failing(turn, node, text);
    }

    // What the way to the controls needs is asked for again soon; what is merely useful, in its rhythm.
    private static void Failing(Turn turn, Node node, string trouble)
    {
        Line.Unusable(turn, node.Kind is NodeKind.WellKnown or NodeKind.DeviceCapability or NodeKind.EndDeviceList ? $"{node.Kind} {node.Href}: {trouble}" : null);

        // A list whose pages lie is not asked for all of them again in a moment.
        var before = turn.Line.Readings.GetValueOrDefault(node.Key);
        var isLong = before?.Pages is not null;
        var soon = !isLong && node.Kind is not (NodeKind.DefaultControl or > NodeKind.ControlList);
        var reading = new NodeReading { ReadAt = soon ? null : turn.Now, Trouble = trouble, IsRefused = true, UnreadSince = before?.UnreadSince ?? turn.Now };
        turn.Line = turn.Line with { Readings = turn.Line.Readings.SetItem(node.Key, reading) };
        if (!soon)
        {
            return;
        }

        Line.HoldUnusable(turn, new DerPurpose.Read(node.Kind, node.Href, 0), node.Rate, trouble);
    }

    /// <summary>No usable answer came at all: the resource stays unread until it answers itself, whatever else does.</summary>
    public static void Failed(Turn turn, DerPurpose purpose, string what)
    {
        if (purpose is DerPurpose.Read read && turn.State.Nodes.ContainsKey(read.Key))
        {
            var before = turn.Line.Readings.GetValueOrDefault(read.Key) ?? new NodeReading();
            var reading = before with { Trouble = $"no usable answer ({what})", IsRefused = true, UnreadSince = before.UnreadSince ?? turn.Now };
            turn.Line = turn.Line with { Readings = turn.Line.Readings.SetItem(read.Key, reading) };
        }
    }

    /// <summary>Read again as soon as may be, although it isn't time yet. What is wrong with it stays known until then.</summary>
    public static void Again(Turn turn, Func<Node, bool> which) => turn.Line = turn.Line with
    {
        Readings = turn.Line.Readings.SetItems(turn.State.Nodes.Values.Where(which)
            .Select(n => KeyValuePair.Create(n.Key, (turn.Line.Readings.GetValueOrDefault(n.Key) ?? new NodeReading()) with { ReadAt = null, Pages = null }))),
    };

    private static void Adopt(Turn turn, Node node, int from, Resource page, string? sha256)
    {
        if (Lists.FactsOf(page) is not { } facts)
        {
            Store(turn, node, page, complete: true, slipped: false, sha256);
            return;
        }

        if (facts.Contradiction is { } contradiction)
        {
            Refuse(turn, node, contradiction);
            return;
        }

        var soFar = from == 0 ? null : turn.Line.Readings.GetValueOrDefault(node.Key)?.Pages;
        var whole = soFar is null ? page : Lists.Join(soFar.List, page);
        if (whole is null || Lists.FactsOf(whole) is not { } joined)
        {
            Refuse(turn, node, new Refusal(ErrorClass.TypeMismatch, "/", "the pages of one list are of different kinds"));
        }
        else if (soFar is not null && facts.Count > 0 && joined.Count == Lists.FactsOf(soFar.List)!.Count)
        {
            Refuse(turn, node, new Refusal(ErrorClass.LoopDetected, "/", $"the page from item {from} repeats the pages before it"));
        }
        else if (joined.Count > MostItems)
        {
            Refuse(turn, node, new Refusal(ErrorClass.LimitCount, "/", $"more than {MostItems} items"));
        }
        else if (joined.Count >= facts.All || facts.Count == 0)
        {
            // A server that promises more than it gives: nothing that was known is taken to be gone.
            Store(turn, node, whole, complete: joined.Count >= facts.All, Slips(soFar, facts), soFar is null ? sha256 : null);
        }
        else
        {
            NextPage(turn, node, whole, soFar, facts);
        }
    }

    private static void NextPage(Turn turn, Node node, Resource whole, PagesSoFar? soFar, ListFacts facts)
    {
        var bound = soFar?.Bound ?? Math.Min((facts.All / Math.Max(1, facts.Count)) + PagesBeyondPromise, MostItems);
        var grown = soFar is not null && facts.All > Lists.FactsOf(soFar.List)!.All ? 1 : 0;
        var pages = new PagesSoFar(whole, (soFar?.Pages ?? 0) + 1, bound, (soFar?.Growths ?? 0) + grown, Slips(soFar, facts));
        if (pages.Pages > bound || pages.Growths > PagesBeyondPromise)
        {
            Refuse(turn, node, new Refusal(ErrorClass.LoopDetected, "/", $"the list grows with each page; gave up after {pages.Pages}"));
            return;
        }

        Line.Heard(turn, new DerPurpose.Read(node.Kind, node.Href, 0), isDone: false);
        var reading = turn.Line.Readings.GetValueOrDefault(node.Key) ?? new NodeReading();
        turn.Line = turn.Line with { Readings = turn.Line.Readings.SetItem(node.Key, reading with { Pages = pages }) };
    }

    // A list that changes between two of its pages may let an item slip from one to the other unread.
    private static bool Slips(PagesSoFar? soFar, ListFacts facts) => soFar is not null && (soFar.Slipped || facts.All != Lists.FactsOf(soFar.List)!.All);

    private static void Store(Turn turn, Node node, Resource read, bool complete, bool slipped, string? sha256)
    {
        var before = turn.Line.Readings.GetValueOrDefault(node.Key);
        var taken = Contents.Taken(turn, node, read, complete);
        if (taken is null)
        {
            return;
        }

        var leaving = Departures.Since(turn, node, read, complete);
        var trouble = Contents.Doubt(turn.State, node, read, complete, leaving);
        if (trouble is { } doubt && before?.Trouble != doubt.Text)
        {
            turn.Note(new Note<NoteKind>(doubt.Level, node.Kind == NodeKind.Time ? NoteKind.Clock : NoteKind.ListInconsistent, doubt.Class, node.Href, $"{node.Kind} {node.Href} {doubt.Text}."));
        }

        Line.Heard(turn, new DerPurpose.Read(node.Kind, node.Href, 0));
        var again = before?.Pages is null ? Contents.AgainAfter(turn, node, taken, trouble is not null, leaving, before?.Tries ?? 0) : null;
        var reading = new NodeReading
        {
            ReadAt = turn.Now,
            Trouble = trouble?.Text,
            AgainAt = turn.Now + again,
            Tries = again is null ? 0 : before?.Tries + 1 ?? 1,
            LeavingSince = leaving,
        };
        turn.Line = turn.Line with { Readings = turn.Line.Readings.SetItem(node.Key, reading) };
        var known = node.Known is not null && node.Known.Equals(taken) ? node.Known : taken;
        if (!ReferenceEquals(known, node.Known) || node.Missing || node.Slipped != slipped)
        {
            Replace(turn, node with { Known = known, Missing = false, Slipped = slipped, Sha256 = sha256 });
        }

        switch (node.Kind)
        {
            case NodeKind.Registration:
                PinRules.Compare(turn, turn.State.Nodes[node.Key]);
                break;
            case NodeKind.MirrorList:
                Mirrors.Match(turn, turn.State.Nodes[node.Key]);
                break;
        }
    }

    private static void Replace(Turn turn, Node node) => turn.State = turn.State with { Nodes = turn.State.Nodes.SetItem(node.Key, node) };

    internal static bool IsWhatWasAskedFor(NodeKind kind, Resource resource) => (kind, resource) switch
    {
        (NodeKind.DeviceCapability, DeviceCapability) or (NodeKind.Time, TimeResource) or (NodeKind.EndDeviceList, EndDeviceList)
            or (NodeKind.EndDevice, EndDevice) or (NodeKind.Registration, Messages.Registration)
            or (NodeKind.AssignmentsList, FunctionSetAssignmentsList) or (NodeKind.ProgramList, DerProgramList)
            or (NodeKind.DefaultControl, DefaultDerControl) or (NodeKind.ControlList, DerControlList) or (NodeKind.DerList, DerList)
            or (NodeKind.MirrorList, MirrorUsagePointList) or (NodeKind.SubscriptionList, SubscriptionList) => true,
        _ => false,
    };

    private static Rank FirstRank(NodeKind kind) => kind switch
    {
        <= NodeKind.Registration => Rank.Entry,
        <= NodeKind.ControlList => Rank.Controls,
        NodeKind.DerList => Rank.Device,
        NodeKind.MirrorList => Rank.Report,
        _ => Rank.Convenience,
    };
}
