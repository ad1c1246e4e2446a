using System.Text;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.ServiceDiscovery;

/// <summary>A name of DNS, label by label; compared ignoring the case of ASCII letters (RFC 4343).</summary>
/// <param name="Labels">As sent; a label of a service's instance may hold any character, dots and blanks too.</param>
public sealed record DnsName(ValueList<string> Labels)
{
    /// <summary>RFC 1035 2.3.4.</summary>
    internal const int MostBytes = 255;
    internal const int MostLabelBytes = 63;

    /// <summary>Of labels that hold no dots.</summary>
    /// <exception cref="FormatException">A label is empty or too long, or all of them are.</exception>
    public static DnsName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var labels = text.TrimEnd('.').Split('.');
        return labels.All(l => Encoding.UTF8.GetByteCount(l) is > 0 and <= MostLabelBytes) && labels.Sum(l => Encoding.UTF8.GetByteCount(l) + 1) < MostBytes
            ? new DnsName(labels.ToValueList())
            : throw new FormatException($"'{text}' is no name of DNS: labels have 1 to {MostLabelBytes} bytes, all of them fewer than {MostBytes}.");
    }

    /// <summary>The name below this one.</summary>
    public DnsName Below(string label) => new(Labels.Prepend(label).ToValueList());

    /// <summary>True where this name is one label below that.</summary>
    public bool IsDirectlyBelow(DnsName other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Labels.Count == other.Labels.Count + 1 && new DnsName(Labels.Skip(1).ToValueList()).Equals(other);
    }

    public bool Equals(DnsName? other) =>
        other is not null && Labels.Count == other.Labels.Count && Labels.Zip(other.Labels).All(p => Ascii.EqualsIgnoreCase(p.First, p.Second) || p.First == p.Second);

    public override int GetHashCode() => Labels.Aggregate(Labels.Count, (hash, label) => HashCode.Combine(hash, label.ToUpperInvariant()));

    /// <summary>With dots between labels; a dot or backslash in one is escaped.</summary>
    public override string ToString() => string.Join('.', Labels.Select(l => l.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(".", "\\.", StringComparison.Ordinal)));
}
