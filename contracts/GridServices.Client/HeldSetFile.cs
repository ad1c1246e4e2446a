using System.Security.Cryptography;
using System.Text.Json;
using GridServices.Contracts;

namespace GridServices.Client;

/// <summary>
/// The last-known set as a file: the JSON in one line, below it its SHA-256. Written beside and moved in place, so that a cut leaves the old one.
/// What does not fit its hash, or states what the contract forbids, is not used: a wrong limit is worse than the limits of the beginning.
/// </summary>
public sealed class HeldSetFile(string path)
{
    private const string HashPrefix = "sha256:";
    private const string Rename = "Only if both names lead to the same hub, take its member \"hub\" and its last line (sha256) out";

    /// <summary>The set of the file; null where there is none or it can't be used (then it is told why).</summary>
    /// <param name="notice">Takes the reason.</param>
    /// <param name="siteId">The site that it must be of; null: any.</param>
    /// <param name="hub">Host and port of the hub that it must be of (<see cref="Uri.Authority"/>); null: any. A file of an older version names none, and is taken.</param>
    /// <param name="keepOther">True: what another hub stated is told and taken all the same; for who has nothing tighter to begin with.</param>
    public HeldSet? Read(Action<string>? notice = null, string? siteId = null, string? hub = null, bool keepOther = false)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var set = Parse(File.ReadAllBytes(path), siteId);
            if (FindMismatch(set, hub) is not { } why)
            {
                return set;
            }

            notice?.Invoke(keepOther ? $"{path} is used, though {why}: there are no limits to begin with instead (InitLimits)" : $"{path} can't be used, starting without it: {why}. {Rename}");
            return keepOther ? set : null;
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            notice?.Invoke($"{path} can't be used, starting without it: {fault.Message}");
            return null;
        }
    }

    /// <summary>Writes the set and returns once it is on the disk.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Write(HeldSet set)
    {
        var beside = path + ".new";
        var json = JsonSerializer.SerializeToUtf8Bytes(set, ContractJson.Options);
        using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write))
        {
            file.Write(json);
            file.Write("\n"u8);
            file.Write(HashLine(json));
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }

    private static byte[] HashLine(ReadOnlySpan<byte> json) => System.Text.Encoding.ASCII.GetBytes(HashPrefix + Convert.ToHexStringLower(SHA256.HashData(json)) + "\n");

    private static HeldSet Parse(ReadOnlySpan<byte> bytes, string? siteId)
    {
        // A file of an older version ends with the JSON.
        var end = bytes.LastIndexOf("\nsha256:"u8);
        var json = end < 0 ? bytes : bytes[..end];
        if (end >= 0 && !bytes[(end + 1)..].SequenceEqual(HashLine(json)))
        {
            throw new JsonException("it was changed since it was written (its hash does not fit)");
        }

        var set = JsonSerializer.Deserialize<HeldSet>(json, ContractJson.Options) ?? throw new JsonException("it holds nothing");
        Require(set, siteId);
        return set;
    }

    // Two hubs may share a host: an address without its port does not tell them apart.
    private static string? FindMismatch(HeldSet set, string? hub) => hub is not null && set.Hub is { } other && !string.Equals(other, hub, StringComparison.OrdinalIgnoreCase)
        ? $"what it holds was stated by the hub at '{other}', not by '{hub}'"
        : null;

    private static void Require(HeldSet set, string? siteId)
    {
        if (siteId is not null && !string.Equals(set.SiteId, siteId, StringComparison.Ordinal))
        {
            throw new JsonException($"it is of site '{set.SiteId}', not of '{siteId}'");
        }

        if (!Cursor.TryParse(set.Cursor, out _))
        {
            throw new JsonException("it names no place in the hub's log (cursor)");
        }

        if (set.Envelopes.IsDefault || set.Withdrawn.IsDefault || set.Prices.IsDefault || set.Retained.IsDefault || set.Failsafes.IsDefault || set.Losses.IsDefault
            || set.Withdrawn.Any(w => w is null) || set.Prices.Any(p => p is null) || set.Failsafes.Any(f => f?.Envelope is null)
            || set.Losses.Any(l => l?.Stream is null))
        {
            throw new JsonException("a list in it is missing or holds null");
        }

        foreach (var envelope in set.Envelopes.Concat(set.Retained).Concat(set.Failsafes.Select(f => f.Envelope)))
        {
            RequireSound(envelope);
        }
    }

    private static void RequireSound(Envelope? envelope)
    {
        if (!EnvelopeReader.ReadEnvelope(JsonSerializer.SerializeToUtf8Bytes(envelope, ContractJson.Options)).TryGet(out _, out var problem))
        {
            throw new JsonException($"it states an envelope that can't be obeyed: {problem.Pointer} {problem.Detail}");
        }
    }
}
