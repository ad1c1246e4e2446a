using GridServices.Contracts;

namespace GridServices.EnvelopeHub.Sites;

/// <summary>A <see cref="StreamKey"/> as one text inside its site: how the store knows what a publication replaces.</summary>
public static class KeyText
{
    // Control characters are refused in identifiers, so the separator can't occur in a part.
    private const char Separator = '\u001f';

    public static string ForPeople(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Replace(Separator, ' ');
    }

    /// <summary>Equal keys of one site have equal texts, different ones different texts.</summary>
    public static string Format(StreamKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Target is null
            ? string.Join(Separator, "prices", key.Stream.Service, key.Stream.Key)
            : string.Join(Separator, EnumNames<TargetKind>.GetName(key.Target.Kind), key.Target.Id, key.Stream.Service, key.Stream.Key);
    }
}
