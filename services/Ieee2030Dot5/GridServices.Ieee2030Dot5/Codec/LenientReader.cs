using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>Reads the parts of a resource that decide no limit: one that is illegible is left out and named, and costs nothing else.</summary>
internal sealed class LenientReader
{
    private readonly List<string> names = [];

    /// <summary>What was left out, by its name on the wire.</summary>
    public ValueList<string> Illegible => names.ToValueList();

    /// <summary>The part; null where it is absent or illegible.</summary>
    public T? Read<T>(string name, Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (WireFormatException)
        {
            names.Add(name);
            return default;
        }
    }
}
