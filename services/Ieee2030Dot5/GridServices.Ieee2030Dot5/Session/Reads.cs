using System.Security.Cryptography;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Reporting;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>Reading the server's resources, each in its own rhythm, and taking what can be believed. What can't leaves the last good content in force.</summary>
internal static class Reads
{
    private const int MostItems = 20_000;
    private const int PagesBeyondPromise = 8;

    /// <summary>However many notifications name a resource, it is read once in this time, so that they keep nothing else from being read.</summary>
    private static readonly Duration BetweenTold = Duration.FromSeconds(1);

    public static IEnumerable<Job> Jobs(DerClientConfig config, DerClientState state, Instant now)
    {
        var slow = HeartbeatPolling.Create(config, state, now);
        foreach (var node in state.Nodes.Values)
        {
            var reading = state.Line.Readings.GetValueOrDefault(node.Key);
            if (reading?.Pages is { } pages)
            {
                yield return new Job(new DerPurpose.Read(node.Kind, node.Href, ListPaging.FindFacts(pages.List)!.Count), Instant.MinValue, ReadOrder.FirstRank(node.Kind), ReadOrder.GetDepth(node.Kind));
            }
            else if (reading?.ReadAt is not { } readAt || readAt > now)
            {
                yield return new Job(new DerPurpose.Read(node.Kind, node.Href, 0), Instant.MinValue, ReadOrder.FirstRank(node.Kind), ReadOrder.GetDepth(node.Kind));
            }
            else if (reading.ToldAt is { } told)
            {
                yield return new Job(new DerPurpose.Read(node.Kind, node.Href, 0), Instant.Max(told, readAt + BetweenTold), ReadOrder.FirstRank(node.Kind));
            }
            else
            {
                yield return new Job(new DerPurpose.Read(node.Kind, node.Href, 0), Instant.Min(readAt + Duration.Max(ComputePollInterval(node), slow?.For(node) ?? Duration.Zero), reading.AgainAt ?? Instant.MaxValue), Rank.Again);
            }
        }
    }

    // CSIP-AUS PRC-03: six readings of tariffs within five poll rates; by the full rate the sixth would come a moment after the fifth has passed.
    private static Duration ComputePollInterval(Node node) => node.Kind is >= NodeKind.TariffList and <= NodeKind.PriceList ? node.Rate - (node.Rate / 60) : node.Rate;

    /// <summary>The server answered 200.</summary>
    public static void Process(StepContext context, DerPurpose.Read read, DerReplyHeaders headers, ReadOnlyMemory<byte> body)
    {
        if (!context.State.Nodes.TryGetValue(read.Key, out var node))
        {
            LinkPolicy.OnAnswered(context, read);
            return; // Nothing leads there any more.
        }

        if (read.Kind == NodeKind.WellKnown)
        {
            EntryPoint.Process(context, node, body);
            return;
        }

        if (Sep2Media.Check(headers.ContentType) is { } foreign)
        {
            Refuse(context, node, foreign);
            return;
        }

        var outcome = Sep2Xml.Read(Sep2Media.Utf8(headers.ContentType, body));
        if (outcome.Resource is not { } resource)
        {
            Refuse(context, node, outcome.Refusal!);
        }
        else if (!IsWhatWasAskedFor(node.Kind, resource))
        {
            Refuse(context, node, new ReadError(ErrorClass.TypeMismatch, "/", $"a {resource.GetType().Name} is no {node.Kind}"));
        }
        else
        {
            if (node.Kind is NodeKind.DeviceCapability or NodeKind.EndDeviceList or NodeKind.EndDevice)
            {
                Dialects.Listen(context, body.Span);
            }

            // Architecture law 9: a limit names the message it came in.
            Adopt(context, node, read.From, resource, node.Kind is NodeKind.ControlList or NodeKind.LoadControlList ? Convert.ToHexStringLower(SHA256.HashData(body.Span)) : null);
        }
    }

    /// <summary>The server answered with a 4xx: the resource is not there, or not for us. What was known of it stays in force, the rest goes on.</summary>
    public static void Missing(StepContext context, DerPurpose.Read read, int status, string why)
    {
        if (!context.State.Nodes.TryGetValue(read.Key, out var node))
        {
            return;
        }

        var said = read.Kind == NodeKind.WellKnown && status == 404 ? EntryPoint.Absent : $"the server answers {why}";
        // A registration that is there and not shown is waited for: only where there is none is there nothing to compare (CSIP-AUS ALL-05).
        var isMissing = read.Kind != NodeKind.Registration || status is 404 or 410;
        if (node.Missing != isMissing || (!isMissing && context.Line.Readings.GetValueOrDefault(node.Key)?.Trouble != said))
        {
            var kept = node.Known is null ? string.Empty : "; what it said before stays in force";
            Report(context, node, node.Known is null ? LinkPolicy.Classify(status) : ErrorClass.LastKnownGood, $"{node.Kind} {node.Href}: {said}{kept}.");
            node = node with { Missing = isMissing };
            Replace(context, node);
        }

        Failing(context, node, said);
    }

    private static void Report(StepContext context, Node node, ErrorClass error, string text)
    {
        if (node.Kind == NodeKind.WellKnown)
        {
            context.Alarm(NoteKind.ResourceMissing, error, text, node.Href);
        }
        else
        {
            context.Warn(NoteKind.ResourceMissing, error, text, node.Href);
        }
    }

    /// <summary>The answer can't be used. The last good content stays.</summary>
    public static void Refuse(StepContext context, Node node, ReadError refusal)
    {
        var text = $"{Problems.GetName(refusal.Class)} {refusal}";
        if (context.Line.Readings.GetValueOrDefault(node.Key)?.Trouble != text)
        {
            var kept = node.Known is null ? string.Empty : " What it said before stays in force.";
            context.Warn(NoteKind.ReplyRefused, refusal.Class, $"{node.Kind} {node.Href} is refused: {refusal}.{kept}", node.Href);
        }

        Failing(context, node, text);
    }

    // What the way to the controls needs is asked for again soon; what is merely useful, in its rhythm.
    private static void Failing(StepContext context, Node node, string trouble)
    {
        var purpose = new DerPurpose.Read(node.Kind, node.Href, 0);
        var isWay = node.Kind is NodeKind.WellKnown or NodeKind.DeviceCapability or NodeKind.EndDeviceList;
        LinkPolicy.Unusable(context, isWay && !LinkPolicy.IsOwnTrouble(context, purpose) ? $"{node.Kind} {node.Href}: {trouble}" : null);

        // A list whose pages lie is not asked for all of them again in a moment.
        var before = context.Line.Readings.GetValueOrDefault(node.Key);
        var isLong = before?.Pages is not null;
        var soon = !isLong && node.Kind is not (NodeKind.DefaultControl or NodeKind.SheddableList or (> NodeKind.ControlList and not (NodeKind.Curve or >= NodeKind.ReservationList)));
        var reading = new NodeReading { ReadAt = soon ? null : context.Now, Trouble = trouble, IsRefused = true, IsRead = before is { IsRead: true } };
        context.Line = context.Line with { Readings = context.Line.Readings.SetItem(node.Key, reading) };
        Unread(context, node.Key);
        if (!soon)
        {
            return;
        }

        LinkPolicy.HoldUnusable(context, purpose, node.Rate, trouble);
    }

    /// <summary>No usable answer came at all: the resource stays unread until it answers itself, whatever else does.</summary>
    public static void Failed(StepContext context, DerPurpose purpose, string what)
    {
        if (purpose is DerPurpose.Read read && context.State.Nodes.ContainsKey(read.Key))
        {
            Unread(context, read.Key);
            var before = context.Line.Readings.GetValueOrDefault(read.Key) ?? new NodeReading();
            var reading = before with { Trouble = $"no usable answer ({what})", IsRefused = true, LeavingSince = null, Tag = null };
            context.Line = context.Line with { Readings = context.Line.Readings.SetItem(read.Key, reading) };
        }
    }

    private static void Unread(StepContext context, string key)
    {
        if (context.State.Nodes.GetValueOrDefault(key) is { UnreadSince: null } node)
        {
            Replace(context, node with { UnreadSince = context.Now });
        }
    }

    /// <summary>Read again as soon as may be, although it isn't time yet. What is wrong with it stays known until then.</summary>
    public static void Again(StepContext context, Func<Node, bool> which) => context.Line = context.Line with
    {
        Readings = context.Line.Readings.SetItems(context.State.Nodes.Values.Where(which)
            .Select(n => KeyValuePair.Create(n.Key, (context.Line.Readings.GetValueOrDefault(n.Key) ?? new NodeReading()) with { ReadAt = null, Pages = null, Tag = null }))),
    };

    /// <summary>A notification named it: read it soon. The pages read so far of a list are kept, and the whole of it is read again after them.</summary>
    public static void MarkNotified(StepContext context, Func<Node, bool> which) => context.Line = context.Line with
    {
        Readings = context.Line.Readings.SetItems(context.State.Nodes.Values.Where(which)
            .Select(n => (n.Key, Reading: context.Line.Readings.GetValueOrDefault(n.Key) ?? new NodeReading()))
            .Select(r => KeyValuePair.Create(r.Key, r.Reading with { ToldAt = r.Reading.ToldAt ?? context.Now }))),
    };

    private static void Adopt(StepContext context, Node node, int from, Resource page, string? sha256)
    {
        if (ListPaging.FindFacts(page) is not { } facts)
        {
            Store(context, node, page, complete: true, slipped: false, sha256);
            return;
        }

        if (facts.Contradiction is { } contradiction)
        {
            Refuse(context, node, contradiction);
            return;
        }

        var soFar = from == 0 ? null : context.Line.Readings.GetValueOrDefault(node.Key)?.Pages;
        var whole = soFar is null ? page : ListPaging.Join(soFar.List, page);
        if (whole is null || ListPaging.FindFacts(whole) is not { } joined)
        {
            Refuse(context, node, new ReadError(ErrorClass.TypeMismatch, "/", "the pages of one list are of different kinds"));
        }
        else if (soFar is not null && facts.Count > 0 && joined.Count == ListPaging.FindFacts(soFar.List)!.Count)
        {
            Refuse(context, node, new ReadError(ErrorClass.LoopDetected, "/", $"the page from item {from} repeats the pages before it"));
        }
        else if (joined.Count > MostItems)
        {
            Refuse(context, node, new ReadError(ErrorClass.LimitCount, "/", $"more than {MostItems} items"));
        }
        else if (joined.Count >= facts.All || facts.Count == 0)
        {
            // A server that promises more than it gives: nothing that was known is taken to be gone.
            Store(context, node, whole, complete: joined.Count >= facts.All, Slips(soFar, facts), soFar is null ? sha256 : null);
        }
        else
        {
            NextPage(context, node, whole, soFar, facts);
        }
    }

    private static void NextPage(StepContext context, Node node, Resource whole, PagesSoFar? soFar, ListFacts facts)
    {
        var bound = soFar?.Bound ?? Math.Min((facts.All / Math.Max(1, facts.Count)) + PagesBeyondPromise, MostItems);
        var grown = soFar is not null && facts.All > ListPaging.FindFacts(soFar.List)!.All ? 1 : 0;
        var pages = new PagesSoFar(whole, (soFar?.Pages ?? 0) + 1, bound, (soFar?.Growths ?? 0) + grown, Slips(soFar, facts));
        if (pages.Pages > bound || pages.Growths > PagesBeyondPromise)
        {
            Refuse(context, node, new ReadError(ErrorClass.LoopDetected, "/", $"the list grows with each page; gave up after {pages.Pages}"));
            return;
        }

        LinkPolicy.OnAnswered(context, new DerPurpose.Read(node.Kind, node.Href, 0), isDone: false);
        var reading = context.Line.Readings.GetValueOrDefault(node.Key) ?? new NodeReading();
        if (soFar is null && reading.ToldAt is not null)
        {
            // This reading is what the notification asked for.
            reading = reading with { ReadAt = null, ToldAt = null };
        }

        context.Line = context.Line with { Readings = context.Line.Readings.SetItem(node.Key, reading with { Pages = pages, Tag = null }) };
    }

    // A list that changes between two of its pages may let an item slip from one to the other unread.
    private static bool Slips(PagesSoFar? soFar, ListFacts facts) => soFar is not null && (soFar.Slipped || facts.All != ListPaging.FindFacts(soFar.List)!.All);

    private static void Store(StepContext context, Node node, Resource read, bool complete, bool slipped, string? sha256)
    {
        var before = context.Line.Readings.GetValueOrDefault(node.Key);
        var taken = Contents.Accept(context, node, read, complete);
        if (taken is null)
        {
            return;
        }

        var leaving = Departures.Since(context, node, read, complete);
        var trouble = Contents.FindDoubt(context.State, node, read, complete, leaving);
        if (trouble is { } doubt && before?.Trouble != doubt.Text)
        {
            context.Note(new Note<NoteKind>(doubt.Level, node.Kind is NodeKind.Time or NodeKind.AssignmentTime ? NoteKind.Clock : NoteKind.ListInconsistent, doubt.Class, node.Href, $"{node.Kind} {node.Href} {doubt.Text}."));
        }

        LinkPolicy.OnAnswered(context, new DerPurpose.Read(node.Kind, node.Href, 0));
        var again = before?.Pages is null ? Contents.AgainAfter(context, node, taken, trouble is not null, leaving, before?.Tries ?? 0) : null;
        var reading = new NodeReading
        {
            ReadAt = context.Now,
            IsRead = true,
            ToldAt = before?.Pages is null ? null : before.ToldAt,
            Trouble = trouble?.Text,
            AgainAt = context.Now + again,
            Tries = again is null ? 0 : before?.Tries + 1 ?? 1,
            LeavingSince = leaving,
            IsDeparture = Departures.IsConfirmed(context, node, read, complete),
            IsHalf = !complete || ListPaging.FindFacts(read) is { HasUnreadable: true },
            Tag = before?.Pages is null && trouble is null && again is null && complete && !slipped ? ConditionalReads.ChooseTag(context, node.Kind, read) : null,
        };
        context.Line = context.Line with { Readings = context.Line.Readings.SetItem(node.Key, reading) };
        var known = node.Known is not null && node.Known.Equals(taken) ? node.Known : taken;
        if (!ReferenceEquals(known, node.Known) || node.Missing || node.Slipped != slipped || node.UnreadSince is not null)
        {
            Replace(context, node with { Known = known, Missing = false, Slipped = slipped, Sha256 = sha256, UnreadSince = null });
        }

        // Unasked by any notification.
        if (before is { ReadAt: not null, ToldAt: null } && node.Known is { } earlier)
        {
            HeartbeatPolling.Compare(context, node, earlier, known);
        }

        switch (node.Kind)
        {
            case NodeKind.SubscriptionList:
                Subscribing.Reconcile(context, complete && !slipped);
                break;
            case NodeKind.Registration:
                PinRules.Compare(context, context.State.Nodes[node.Key]);
                break;
            case NodeKind.MirrorList:
                Mirrors.Match(context, context.State.Nodes[node.Key]);
                break;
            case NodeKind.ReservationRequests:
                Reserving.Match(context, context.State.Nodes[node.Key], complete && !slipped);
                break;
            case NodeKind.SheddableList:
                Sheddable.Match(context, context.State.Nodes[node.Key], complete && !slipped);
                break;
            case NodeKind.EndDeviceList or NodeKind.EndDevice:
                LogEventQueue.CheckLists(context);
                break;
        }
    }

    private static void Replace(StepContext context, Node node) => context.State = context.State with { Nodes = context.State.Nodes.SetItem(node.Key, node) };

    internal static bool IsWhatWasAskedFor(NodeKind kind, Resource resource) => (kind, resource) switch
    {
        (NodeKind.DeviceCapability, DeviceCapability) or (NodeKind.Time or NodeKind.AssignmentTime, TimeResource) or (NodeKind.EndDeviceList, EndDeviceList)
            or (NodeKind.EndDevice, EndDevice) or (NodeKind.Registration, Messages.Registration)
            or (NodeKind.AssignmentsList, FunctionSetAssignmentsList) or (NodeKind.ProgramList, DerProgramList)
            or (NodeKind.DefaultControl, DefaultDerControl) or (NodeKind.ControlList, DerControlList) or (NodeKind.DerList, DerList)
            or (NodeKind.MirrorList, MirrorUsagePointList) or (NodeKind.SubscriptionList, SubscriptionList)
            or (NodeKind.TariffList, TariffProfileList) or (NodeKind.ComponentList, RateComponentList) or (NodeKind.Component, RateComponent)
            or (NodeKind.ReadingType, ReadingType) or (NodeKind.IntervalList, TimeTariffIntervalList) or (NodeKind.PriceList, ConsumptionTariffIntervalList)
            or (NodeKind.Curve, DerCurve) or (NodeKind.ReservationRequests, FlowReservationRequestList) or (NodeKind.ReservationList, FlowReservationResponseList)
            or (NodeKind.DemandResponseList, DemandResponseProgramList) or (NodeKind.LoadControlList, EndDeviceControlList) or (NodeKind.SheddableList, LoadShedAvailabilityList) => true,
        _ => false,
    };
}
