using System.Globalization;
using System.Text.Json.Serialization;
using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>One page of a list. An item that could not be read stands in its place with the reason; the others stand all the same.</summary>
public abstract record ResourceList<T> : Resource
    where T : Resource
{
    /// <summary>Items the server says the whole list has, 0 to 1,000,000.</summary>
    public int All { get; init; }

    /// <summary>Items the server says this page has.</summary>
    public int Results { get; init; }

    /// <summary>Seconds between polls, as sent (0 and absurd values included: clamp before use); null where not said.</summary>
    public long? PollRate { get; init; }

    public ValueList<Readable<T>> Items { get; init; } = [];

    /// <summary>The items that could be read.</summary>
    [JsonIgnore]
    public IEnumerable<T> Readable => Items.Where(i => i.Value is not null).Select(i => i.Value!);

    [JsonIgnore]
    public IEnumerable<UnreadableItem> Unreadable => Items.Where(i => i.Unreadable is not null).Select(i => i.Unreadable!);

    /// <summary>LIST_INCONSISTENT where the counts contradict the content; null where they agree.</summary>
    [JsonIgnore]
    public ReadError? Contradiction =>
        Results == Items.Count && All >= Results
            ? null
            : new ReadError(ErrorClass.ListInconsistent, "/", string.Create(CultureInfo.InvariantCulture,
                $"the page says all={All}, results={Results} and has {Items.Count} items; make the counts agree with the items"));
}

/// <summary>An item of a list that was read, or the reason why it could not be. Exactly one of the two is there.</summary>
public sealed record Readable<T>(T? Value, UnreadableItem? Unreadable)
    where T : class
{
    public static implicit operator Readable<T>(T value) => Readable.From(value);
}

/// <summary>Makes readables.</summary>
public static class Readable
{
    public static Readable<T> From<T>(T value)
        where T : class => new(value, null);

    public static Readable<T> Not<T>(UnreadableItem unreadable)
        where T : class => new(null, unreadable);
}

/// <summary>An item that could not be read, and what is still known of it. It was sent all the same: it has not disappeared from its list.</summary>
/// <param name="Href">Null when not legible.</param>
/// <param name="MRid">Null when not legible: it cannot be answered by name, and no item of that page can be taken to be missing.</param>
/// <param name="ReplyTo">Where an event wants its responses; null when not legible or none.</param>
/// <param name="ResponseRequired">Response bits of an event; null when not legible or none.</param>
/// <param name="Refusal">Why.</param>
public sealed record UnreadableItem(string? Href, string? MRid, string? ReplyTo, byte? ResponseRequired, ReadError Refusal);
