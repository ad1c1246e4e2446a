using System.Globalization;

namespace GridServices.Wire;

/// <summary>
/// An element as received: names and text are plain strings, because <c>XName</c> would keep every name a stranger invents for ever.
/// Prefixes, comments, processing instructions and namespace declarations are gone.
/// </summary>
public sealed class ReceivedElement
{
    private List<ReceivedElement>? _children;
    private List<ReceivedAttribute>? _attributes;

    internal ReceivedElement(string ns, string name, ReceivedElement? parent)
    {
        Namespace = ns;
        Name = name;
        Parent = parent;
    }

    public string Namespace { get; }

    /// <summary>Local name.</summary>
    public string Name { get; }

    public ReceivedElement? Parent { get; }

    /// <summary>The text directly inside, CDATA and character references resolved, not trimmed.</summary>
    public string Text { get; internal set; } = string.Empty;

    public IReadOnlyList<ReceivedElement> Children => _children ?? (IReadOnlyList<ReceivedElement>)[];

    public IReadOnlyList<ReceivedAttribute> Attributes => _attributes ?? (IReadOnlyList<ReceivedAttribute>)[];

    /// <summary>Element names from the root, with a 1-based index where the name repeats: <c>/a/b[2]/c</c>.</summary>
    public string Path => $"{Parent?.Path}/{Name}{Index()}";

    internal void Add(ReceivedElement child) => (_children ??= []).Add(child);

    internal void Add(ReceivedAttribute attribute) => (_attributes ??= []).Add(attribute);

    private string Index()
    {
        if (Parent is null)
        {
            return string.Empty;
        }

        var (position, count) = (0, 0);
        foreach (var sibling in Parent.Children)
        {
            if (string.Equals(sibling.Name, Name, StringComparison.Ordinal))
            {
                count++;
                position = ReferenceEquals(sibling, this) ? count : position;
            }
        }

        // A child not yet attached to its parent is the next of its name.
        position = position == 0 ? ++count : position;
        return count > 1 ? string.Create(CultureInfo.InvariantCulture, $"[{position}]") : string.Empty;
    }
}

/// <summary>An attribute other than a namespace declaration.</summary>
public sealed record ReceivedAttribute(string Namespace, string Name, string Value);
