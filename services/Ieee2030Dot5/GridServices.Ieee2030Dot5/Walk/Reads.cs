using System.Security.Cryptography;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Ieee2030Dot5.Time;
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
                yield return new Job(new DerPurpose.Read(node.Kind, node.Href, 0), readAt + node.Rate, Rank.Again);
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
        Line.Unusable(turn, node.Kind is NodeKind.WellKnown or NodeKind.DeviceCapability or NodeKind.EndDeviceList);

        // A list whose pages lie is not asked for all of them again in a moment.
        var isLong = turn.Line.Readings.GetValueOrDefault(node.Key)?.Pages is not null;
        var soon = !isLong && node.Kind is not (NodeKind.DefaultControl or > NodeKind.ControlList);
        var reading = new NodeReading { ReadAt = soon ? null : turn.Now, Trouble = trouble, IsRefused = true };
        turn.Line = turn.Line with { Readings = turn.Line.Readings.SetItem(node.Key, reading) };
        if (!soon)
        {
            return;
        }

        Line.HoldUnusable(turn, new DerPurpose.Read(node.Kind, node.Href, 0), node.Rate);
    }

    /// <summary>Read again as soon as may be, although it isn't time yet.</summary>
    public static void Again(Turn turn, Func<Node, bool> which) => turn.Line = turn.Line with
    {
        Readings = turn.Line.Readings.RemoveRange(turn.State.Nodes.Values.Where(which).Select(n => n.Key)),
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
        var trouble = Doubt(node, read, complete);
        if (trouble is { } doubt && turn.Line.Readings.GetValueOrDefault(node.Key)?.Trouble != doubt.Text)
        {
            turn.Warn(NoteKind.ListInconsistent, doubt.Class, $"{node.Kind} {node.Href} {doubt.Text}.", node.Href);
        }

        var taken = Taken(turn, node, read, complete);
        if (taken is null)
        {
            return;
        }

        Line.Heard(turn, new DerPurpose.Read(node.Kind, node.Href, 0));
        Done(turn, node, trouble?.Text);
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

    private static (ErrorClass Class, string Text)? Doubt(Node node, Resource read, bool complete) => (node.Known, read) switch
    {
        _ when !complete => (ErrorClass.ListInconsistent, "promises more items than it gives; what was known besides stays"),
        (DerProgramList { Items.Count: > 0 }, DerProgramList { Items.Count: 0 }) =>
            (ErrorClass.LastKnownGood, "is suddenly empty; its programs stay in force until the assignment goes"),
        _ => null,
    };

    /// <summary>What of an answer is kept; null: it was refused.</summary>
    private static Resource? Taken(Turn turn, Node node, Resource read, bool complete)
    {
        switch (read)
        {
            case TimeResource time when ClockRules.FaultOf(turn, time) is { } absurd:
                Refuse(turn, node, absurd);
                return null;
            case TimeResource time:
                ClockRules.Take(turn, time);

                // The time itself is no content: it would make every reading a change.
                return time with { CurrentTime = 1, LocalTime = null };
            case EndDeviceList devices:
                return EndDevices.Take(turn, node, devices, complete);
            case MirrorUsagePointList mirrors:
                return mirrors with { Items = mirrors.Items.Select(i => i.Value is { } m ? Readable.Of(m with { MeterReadings = [] }) : i).ToValueList() };
            case DerControlList controls:
                return Foreign(turn, node, controls);
            case EndDevice device when EndDevices.Owner(turn, device) is null:
                Refuse(turn, node, new Refusal(ErrorClass.AuthzLfdi, "/EndDevice/lFDI", "the EndDevice is not one of ours"));
                return null;
            case DerProgramList { Items.Count: 0 } programs when node.Known is DerProgramList { Items.Count: > 0 } before:
                // A program is taken away by its assignment (CSIP-AUS P-02). A list that is suddenly empty is no such word, and must not free the site.
                return programs with { Items = before.Items, Results = before.Results, All = before.All };
            default:
                var hides = !complete || Lists.FactsOf(read) is { HasUnreadable: true };
                return hides && node.Known is { } known ? Lists.WithKept(read, known) : read;
        }
    }

    // A list or an event that claims to stand at another server is none of this one's. A foreign replyTo only loses its response, as servers behind
    // proxies write such ones; an address in disguise is nobody's mistake.
    private static DerControlList? Foreign(Turn turn, Node node, DerControlList list)
    {
        if (list.Href is { } self && !Hrefs.TryPin(turn.Config.ServerUrl, node.Href, self, out _, out var why))
        {
            Refuse(turn, node, new Refusal(ErrorClass.SsrfBlocked, "/DERControlList", why));
            return null;
        }

        return list with { Items = list.Items.Select(i => i.Value is { } control ? AtHome(turn, node, control) : i).ToValueList() };
    }

    private static Readable<DerControl> AtHome(Turn turn, Node node, DerControl control)
    {
        string? why = null;
        if (control.ReplyTo is { } replyTo && Hrefs.IsDisguised(turn.Config.ServerUrl, replyTo))
        {
            why = $"its replyTo {Refusal.Quote(replyTo)} hides a host behind a user name";
        }
        else if (control.Href is not { } href || Hrefs.TryPin(turn.Config.ServerUrl, node.Href, href, out _, out why))
        {
            return control;
        }

        var refusal = new Refusal(ErrorClass.SsrfBlocked, "/DERControlList/DERControl", why);
        if (node.Known is not DerControlList known || !known.Unreadable.Any(u => u.MRid == control.MRid))
        {
            turn.Warn(NoteKind.HrefRefused, ErrorClass.SsrfBlocked, $"Control {Refusal.Quote(control.MRid)} is refused: {why}.", control.MRid);
        }

        return Readable.Not<DerControl>(new UnreadableItem(null, control.MRid, control.ReplyTo, control.ResponseRequired, refusal));
    }

    private static void Done(Turn turn, Node node, string? trouble) => turn.Line = turn.Line with
    {
        Readings = turn.Line.Readings.SetItem(node.Key, new NodeReading { ReadAt = turn.Now, Trouble = trouble }),
    };

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
