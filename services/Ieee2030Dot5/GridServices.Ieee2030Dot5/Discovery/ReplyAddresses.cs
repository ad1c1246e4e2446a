using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <summary>Where events want their responses: an address is relative to the document that it stands in, as every link is (RFC 3986).</summary>
internal static class ReplyAddresses
{
    /// <summary>The same resource, its relative replyTo made paths; one that leads elsewhere stays as sent, and is refused where it is used.</summary>
    public static Resource Resolved(string server, Node node, Resource read) => read switch
    {
        DerControlList list => list with { Items = ResolveItems(server, node, list.Items, c => c.ReplyTo, (c, to) => c with { ReplyTo = to }) },
        EndDeviceControlList list => list with { Items = ResolveItems(server, node, list.Items, c => c.ReplyTo, (c, to) => c with { ReplyTo = to }) },
        TimeTariffIntervalList list => list with { Items = ResolveItems(server, node, list.Items, i => i.ReplyTo, (i, to) => i with { ReplyTo = to }) },
        FlowReservationResponseList list => list with { Items = ResolveItems(server, node, list.Items, r => r.ReplyTo, (r, to) => r with { ReplyTo = to }) },
        _ => read,
    };

    private static ValueList<Readable<T>> ResolveItems<T>(string server, Node node, ValueList<Readable<T>> items, Func<T, string?> replyTo, Func<T, string, T> with)
        where T : Resource => items.Any(i => IsRelative(i.Value is { } sent ? replyTo(sent) : i.Unreadable?.ReplyTo))
        ? items.Select(i => One(server, node, i, replyTo, with)).ToValueList()
        : items;

    private static Readable<T> One<T>(string server, Node node, Readable<T> item, Func<T, string?> replyTo, Func<T, string, T> with)
        where T : Resource => (item.Value is { } sent ? replyTo(sent) : item.Unreadable?.ReplyTo) is { } address && IsRelative(address)
            && Hrefs.TryPin(server, node.Href, address, out var path, out _)
        ? item.Value is { } value ? Readable.From(with(value, path)) : Readable.Not<T>(item.Unreadable! with { ReplyTo = path })
        : item;

    private static bool IsRelative(string? address) => address is { Length: > 0 } && address[0] != '/';
}
