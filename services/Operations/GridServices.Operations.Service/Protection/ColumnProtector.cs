using System.Security.Cryptography;
using System.Text;

namespace GridServices.Operations.Service.Protection;

/// <summary>
/// Encrypts single column values with AES-256-GCM. A value is bound to its place (table, tenant, row and column), so that a copied or changed one is refused:
/// <code>v1:{key id}:{base64 of nonce(12) | tag(16) | text}</code>
/// </summary>
internal sealed class ColumnProtector : IDisposable
{
    private const string Version = "v1";
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private readonly ProtectionKeys _keys;
    private readonly Dictionary<string, AesGcm> _ciphers;
    private readonly byte[] _indexKey;
    private readonly Lock _gate = new();

    internal ColumnProtector(ProtectionKeys keys)
    {
        _keys = keys;
        _ciphers = keys.Keys.ToDictionary(k => k.Key, k => new AesGcm(k.Value, TagBytes), StringComparer.Ordinal);
        var oldest = keys.Keys.OrderBy(k => k.Key, StringComparer.Ordinal).First().Value;
        _indexKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, oldest, ProtectionKeys.KeyBytes, info: "gridservices.operations.index"u8.ToArray());
    }

    /// <summary>The text as it is stored; null stays null.</summary>
    internal string? Seal(string? text, ColumnPlace place)
    {
        if (text is null)
        {
            return null;
        }

        var plain = Encoding.UTF8.GetBytes(text);
        var sealedBytes = new byte[NonceBytes + TagBytes + plain.Length];
        var nonce = sealedBytes.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        lock (_gate)
        {
            _ciphers[_keys.Current].Encrypt(nonce, plain, sealedBytes.AsSpan(NonceBytes + TagBytes), sealedBytes.AsSpan(NonceBytes, TagBytes), place.Bytes());
        }

        return $"{Version}:{_keys.Current}:{Convert.ToBase64String(sealedBytes)}";
    }

    /// <summary>What was sealed there; null stays null.</summary>
    /// <exception cref="ProtectionException">Changed, moved, or written with a key that is not here.</exception>
    internal string? Open(string? stored, ColumnPlace place)
    {
        if (stored is null)
        {
            return null;
        }

        var parts = stored.Split(':');
        if (parts is not [Version, var id, var text] || !_ciphers.TryGetValue(id, out var cipher))
        {
            throw new ProtectionException($"{place} is encrypted with a key that is not here; restore the key file that belongs to this store.");
        }

        try
        {
            var bytes = Convert.FromBase64String(text);
            var plain = new byte[bytes.Length - NonceBytes - TagBytes];
            lock (_gate)
            {
                cipher.Decrypt(bytes.AsSpan(0, NonceBytes), bytes.AsSpan(NonceBytes + TagBytes), bytes.AsSpan(NonceBytes, TagBytes), plain, place.Bytes());
            }

            return Encoding.UTF8.GetString(plain);
        }
        catch (Exception wrong) when (wrong is CryptographicException or FormatException or OverflowException or ArgumentException)
        {
            throw new ProtectionException($"{place} was changed outside of this program: its value does not fit its seal. Restore it from a backup.");
        }
    }

    /// <summary>A keyed hash to look a sealed value up by, equal for texts that differ in letter case and spaces only.</summary>
    internal string ComputeIndex(string tenant, string text) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_indexKey, Encoding.UTF8.GetBytes($"{tenant}\n{text.Replace(" ", string.Empty, StringComparison.Ordinal).ToUpperInvariant()}")));

    public void Dispose()
    {
        foreach (var cipher in _ciphers.Values)
        {
            cipher.Dispose();
        }
    }
}

/// <summary>Where a sealed value belongs.</summary>
internal readonly record struct ColumnPlace(string Table, string Tenant, string Id, string Column)
{
    internal byte[] Bytes() => Encoding.UTF8.GetBytes($"{Table}\n{Tenant}\n{Id}\n{Column}");

    public override string ToString() => $"{Table}.{Column} of {Id}";
}

/// <summary>A sealed value can't be trusted or read.</summary>
internal sealed class ProtectionException(string message) : Exception(message);
