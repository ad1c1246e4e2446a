using System.Globalization;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>Lists: a page's counts, and items that fail alone.</summary>
internal static class ListXml
{
    /// <summary>More than any utility has; a number beyond is a mistake or an attack, and is never allocated for.</summary>
    public const int MaxCount = 1_000_000;

    public static TList Read<TList, T>(ReceivedElement e, string item, Func<ReceivedElement, T> read)
        where TList : ResourceList<T>, new()
        where T : Resource
    {
        var items = e.Every(item).Select(i => Alone(i, read)).ToValueList();
        return new TList
        {
            Href = e.Href(),
            Subscribable = e.Subscribable(),
            All = Count(e, "all", items.Count),
            Results = Count(e, "results", items.Count),
            PollRate = e.PollRate(),
            Items = items,
        };
    }

    private static Readable<T> Alone<T>(ReceivedElement e, Func<ReceivedElement, T> read)
        where T : Resource
    {
        try
        {
            return Readable.From(read(e));
        }
        catch (WireFormatException failure)
        {
            return Readable.Not<T>(new UnreadableItem(
                Legible(e.Href), Legible(() => e.Opt("mRID")?.MRid()), Legible(e.ReplyTo), Legible(() => e.HexAttribute("responseRequired")), failure.Refusal));
        }
    }

    private static T? Legible<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (WireFormatException)
        {
            return default;
        }
    }

    private static int Count(ReceivedElement e, string attribute, int absent) => e.Attribute(attribute)?.Trim() switch
    {
        null => absent,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= MaxCount => count,
        var text => throw e.Refuse(ErrorClass.SemanticNumber, $"{attribute}={SafeText.Quote(text)} is not a whole number from 0 to {MaxCount}"),
    };
}
