using System.Runtime.CompilerServices;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Session;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.OpenAdr.Service.Push;

/// <summary>Which VEN a pushed message is for, or the code that says why it is for none.</summary>
internal sealed record PushRoute(VenLoop? Ven, int Code, string Why)
{
    /// <summary>True: it names somebody who is none of the VENs here, so that none of them has missed anything.</summary>
    public bool IsNobodys { get; init; }

    public static PushRoute To(VenLoop ven) => new(ven, OadrCodes.Ok, string.Empty);
}

/// <summary>
/// Finds the VEN of a message:
/// <code>
///   path ─▶ the VENs that announced it ─▶ those whose VTN the caller is, by its certificate ─▶ the one with the message's venID or vtnID
/// </code>
/// A path is one tenant's, and a message never reaches a VEN whose VTN the caller is not.
/// </summary>
internal sealed class PushRouter(VenHost host, PushTrust trust, PushRefusals refusals, VtnClient client, IClock clock)
{
    private readonly ConditionalWeakTable<VenConfig, VtnEndpoint> _lines = [];

    /// <summary>True where some VEN announced an address with this path.</summary>
    public bool IsAnnounced(string prefix) => Announcing(prefix).Any();

    /// <summary>Null: some VEN's VTN is this; otherwise why the one judged last refuses it, for the service's own log.</summary>
    public string? Refuse(ListenerPeer peer)
    {
        var now = clock.GetCurrentInstant();
        var why = "no VEN's transport is push";
        var vens = host.Views.Where(v => v.Config.Transport == VenTransport.Push).ToList();
        var vtns = vens.Select(v => PushVtn.From(v.Config)).ToHashSet();
        var concerns = new List<(PushVtn Vtn, string Concern)>();
        foreach (var vtn in vtns)
        {
            if (trust.Refuse(vtn, peer, now) is not { } refusal)
            {
                return null;
            }

            why = refusal.Why;
            if (refusal.Concern is { } concern)
            {
                concerns.Add((vtn, concern));
            }
        }

        concerns.ForEach(c => refusals.Add(c.Vtn, c.Concern, now));
        refusals.RetainOnly(vtns, vens.Select(v => v.Id).ToHashSet());
        trust.RetainOnly(vtns);
        return why;
    }

    /// <summary>A message of the caller could not be taken in: the VENs that it may have been for ask their VTN what there is.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="prefix">The path before the services' own; null: it is none of a VEN's, so that it may have been for any of the caller's.</param>
    /// <param name="why">What their people are told; null: nothing, for it is no fault of the VTN.</param>
    public void Missed(ListenerPeer peer, string? prefix, string? why = null)
    {
        var vens = Callers(prefix, peer);
        Note(vens, why);

        // At a path of nobody's it was meant for one of many at most: all of them asking would cost more than it saves.
        if (prefix is not null || vens.Count == 1)
        {
            vens.ForEach(ven => ven.OfferMissed());
        }
    }

    /// <summary>A message names none of the caller's VENs here: their people are told, and nobody asks for anything.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="prefix">The path before the services' own.</param>
    /// <param name="why">What their people are told.</param>
    public void ReportStray(ListenerPeer peer, string prefix, string why) => Note(Callers(prefix, peer), why);

    /// <summary>A message was refused for what it holds: it would be again.</summary>
    public void Refused(VenLoop ven, string why) => refusals.Add(ven.Id, why, clock.GetCurrentInstant());

    /// <summary>How messages of a VEN are written and verified.</summary>
    public VtnEndpoint GetEndpoint(VenLoop ven) => _lines.GetValue(ven.View.Config, c => client.CreateEndpoint(ven.Id, c));

    /// <param name="peer">The caller.</param>
    /// <param name="prefix">The path before the services' own.</param>
    /// <param name="message">Null: it can't be read.</param>
    public PushRoute Find(ListenerPeer peer, string prefix, OadrMessage? message)
    {
        var callers = Callers(prefix, peer);
        var named = message is null ? [] : callers.Where(v => IsNamed(v, message)).ToList();
        return (named, callers) switch
        {
            ([var one], _) => PushRoute.To(one),

            // The VEN itself says what is wrong with the IDs, or that it is not registered.
            ([], [var only]) => PushRoute.To(only),
            ([], _) when message is null => new PushRoute(null, OadrCodes.InvalidId, "More than one VEN may be meant."),
            ([], _) when callers.TrueForAll(v => v.View.State.Registration is null) => new PushRoute(null, OadrCodes.NotRegistered, "No VEN of yours is registered here.") { IsNobodys = true },
            ([], _) => new PushRoute(null, OadrCodes.InvalidId, "No VEN has this venID or vtnID.") { IsNobodys = true },
            _ => ByTarget(named, message!),
        };
    }

    private void Note(List<VenLoop> vens, string? why)
    {
        if (why is not null)
        {
            var now = clock.GetCurrentInstant();
            vens.ForEach(ven => refusals.Add(ven.Id, why, now));
        }
    }

    private List<VenLoop> Callers(string? prefix, ListenerPeer peer)
    {
        var now = clock.GetCurrentInstant();
        var all = prefix is null ? host.Loops.Where(v => v.View.Config.Transport == VenTransport.Push) : Announcing(prefix);
        return [.. all.Where(v => trust.Refuse(PushVtn.From(v.View.Config), peer, now) is null)];
    }

    // Of tenants that held one path before paths were one tenant's, the first has it.
    private IEnumerable<VenLoop> Announcing(string prefix)
    {
        var all = host.Loops.Where(v =>
            v.View.Config is { Transport: VenTransport.Push, TransportAddress: { } address } && string.Equals(PushAddress.GetPrefix(address), prefix, StringComparison.Ordinal)).ToList();
        return all.Count == 0 ? all : all.MinBy(v => v.Number)!.Id.Tenant is var owner ? all.Where(v => v.Id.Tenant == owner) : all;
    }

    private static bool IsNamed(VenLoop ven, OadrMessage message) =>
        ven.View.State is var state && ((state.Registration is { } registration && VtnMessages.IsFor(message, registration)) || PushAnswers.Knows(state, message));

    // A distribution says whose it is by its vtnID alone, other messages may leave the venID out: several VENs of one VTN are told apart by the targets, by
    // the registration or report that is meant, or by addresses of their own.
    private static PushRoute ByTarget(List<VenLoop> named, OadrMessage message) => named.Where(v => IsMeant(v.View.State, message)).ToList() is [var one]
        ? PushRoute.To(one)
        : new PushRoute(null, OadrCodes.InvalidId, "More than one VEN may be meant; register each with a transport address of its own.");

    private static bool IsMeant(VenState state, OadrMessage message) =>
        VtnMessages.Names(message, state) || (state.Registration is { VenId: var venId } && VtnMessages.Targets(message, venId)) || PushAnswers.Knows(state, message);
}
