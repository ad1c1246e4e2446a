using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <summary>
/// A list or an event that claims to stand at another server is none of this one's. A foreign replyTo only loses its response, as servers behind
/// proxies write such ones; an address in disguise is nobody's mistake.
/// </summary>
internal static class ForeignEvents
{
    /// <summary>The list without what is none of this server's; null: the whole list is not.</summary>
    public static DerControlList? Refused(StepContext context, Node node, DerControlList list) => IsForeign(context, node, list.Href, "DERControlList") ? null : list with
    {
        Items = list.Items.Select(i => i.Value is { } c && FindObstacle(context, node, c.Href, c.ReplyTo) is { } why ? Not<DerControl>(context, node, list, (c.MRid, c.ReplyTo, c.ResponseRequired), why) : i).ToValueList(),
    };

    /// <inheritdoc cref="Refused(StepContext, Node, DerControlList)"/>
    public static EndDeviceControlList? Refused(StepContext context, Node node, EndDeviceControlList list) => IsForeign(context, node, list.Href, "EndDeviceControlList") ? null : list with
    {
        Items = list.Items.Select(i => i.Value is { } c && FindObstacle(context, node, c.Href, c.ReplyTo) is { } why ? Not<EndDeviceControl>(context, node, list, (c.MRid, c.ReplyTo, c.ResponseRequired), why) : i).ToValueList(),
    };

    private static bool IsForeign(StepContext context, Node node, string? self, string name)
    {
        if (self is null || Hrefs.TryPin(context.Config.ServerUrl, node.Href, self, out _, out var why))
        {
            return false;
        }

        Session.Reads.Refuse(context, node, new ReadError(ErrorClass.SsrfBlocked, $"/{name}", why));
        return true;
    }

    private static string? FindObstacle(StepContext context, Node node, string? href, string? replyTo)
    {
        if (replyTo is not null && Hrefs.IsDisguised(context.Config.ServerUrl, replyTo))
        {
            return $"its replyTo {SafeText.Quote(replyTo)} hides a host behind a user name";
        }

        return href is null || Hrefs.TryPin(context.Config.ServerUrl, node.Href, href, out _, out var why) ? null : why;
    }

    private static Readable<T> Not<T>(StepContext context, Node node, ResourceList<T> list, (string MRid, string? ReplyTo, byte? ResponseRequired) control, string why)
        where T : Resource
    {
        if ((node.Known as ResourceList<T>)?.Unreadable.Any(u => u.MRid == control.MRid) != true)
        {
            context.Warn(NoteKind.HrefRefused, ErrorClass.SsrfBlocked, $"Control {SafeText.Quote(control.MRid)} is refused: {why}.", control.MRid);
        }

        var name = Sep2Xml.GetName(list);
        return Readable.Not<T>(new UnreadableItem(null, control.MRid, control.ReplyTo, control.ResponseRequired, new ReadError(ErrorClass.SsrfBlocked, $"/{name}/{name[..^4]}", why)));
    }
}
