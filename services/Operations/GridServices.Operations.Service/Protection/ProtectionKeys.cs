using System.Security.Cryptography;
using System.Text.Json;
using GridServices.Hosting;
using GridServices.Hosting.Storage;

namespace GridServices.Operations.Service.Protection;

/// <summary>
/// The keys that personal data is encrypted with: from <c>Protection:Keys:{id}</c> (base64, 32 bytes) with <c>Protection:Current</c>, else from
/// <c>Protection:KeyFile</c>, else from <c>operations.keys</c> in the store's folder, which is made at the first start and readable by its owner only.
/// Older keys stay named, so that what was written with them can be read.
/// </summary>
internal sealed class ProtectionKeys
{
    internal const int KeyBytes = 32;
    private const string FileName = "operations.keys";

    private ProtectionKeys(string current, IReadOnlyDictionary<string, byte[]> keys, bool isNew) => (Current, Keys, IsNew) = (current, keys, isNew);

    /// <summary>The id of the key that is written with.</summary>
    internal string Current { get; }

    internal IReadOnlyDictionary<string, byte[]> Keys { get; }

    /// <summary>Made by this start: a store that already holds encrypted values was written with another key.</summary>
    internal bool IsNew { get; }

    /// <exception cref="StartException">A key is missing or not what it should be.</exception>
    internal static ProtectionKeys From(ProtectionOptions options, StorageOptions storage)
    {
        var named = options.Keys.ToDictionary(k => k.Key, k => k.Value ?? string.Empty, StringComparer.Ordinal);
        if (named.Count > 0)
        {
            return Checked(options.Current is { Length: > 0 } current ? current : named.Keys.Order(StringComparer.Ordinal).Last(), named, "Protection:Keys", isNew: false);
        }

        var file = options.KeyFile is { Length: > 0 } given ? given : Path.Combine(storage.Folder, FileName);
        return File.Exists(file) ? Read(file) : Create(file);
    }

    private static ProtectionKeys Read(string file)
    {
        OwnerOnlyFiles.Restrict(file);
        try
        {
            var content = JsonSerializer.Deserialize<KeyFile>(File.ReadAllBytes(file), JsonSerializerOptions.Web) ?? throw new JsonException("it is empty");
            return Checked(content.Current, content.Keys, file, isNew: false);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new StartException($"The key file {file} can't be used: {wrong.Message} Restore it from a backup; without it personal data in the store can't be read.", wrong);
        }
    }

    private static ProtectionKeys Create(string file)
    {
        OwnerOnlyFiles.EnsureFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var content = new KeyFile("k1", new Dictionary<string, string>(StringComparer.Ordinal) { ["k1"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)) });
        var draft = file + ".new";
        OwnerOnlyFiles.EnsureFile(draft);
        using (var stream = new FileStream(draft, FileMode.Truncate, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, content, JsonSerializerOptions.Web);
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file, overwrite: false);
        return Checked(content.Current, content.Keys, file, isNew: true);
    }

    private static ProtectionKeys Checked(string current, IReadOnlyDictionary<string, string> named, string place, bool isNew)
    {
        var keys = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (id, text) in named)
        {
            var key = new byte[KeyBytes];
            if (id.Contains(':', StringComparison.Ordinal) || !Convert.TryFromBase64String(text, key, out var length) || length != KeyBytes)
            {
                throw new StartException($"{place}: key '{id}' must be base64 of {KeyBytes} random bytes (openssl rand -base64 {KeyBytes}), and its name without ':'.");
            }

            keys[id] = key;
        }

        return keys.ContainsKey(current) ? new ProtectionKeys(current, keys, isNew) : throw new StartException($"{place}: the current key '{current}' is not among the keys.");
    }

    private sealed record KeyFile(string Current, IReadOnlyDictionary<string, string> Keys);
}
