namespace GridServices.Fuzzing.Decoders;

/// <summary>Every decoder that reads what comes from outside, by name.</summary>
internal static class AllDecoders
{
    public static IReadOnlyList<Decoder> List { get; } = [.. XmlDecoders.List, .. JsonDecoders.List, .. TextDecoders.List, .. FrameDecoders.List];

    public static Decoder Named(string name) => List.Single(d => d.Name == name);
}
