using System.Text.Json;
using GridServices.Contracts;

namespace GridServices.Client;

/// <summary>The last-known set as a JSON file; written beside and moved in place, so that a cut leaves the old one.</summary>
public sealed class HeldSetFile(string path)
{
    /// <summary>The set of the file; null where there is none or it can't be read (then it is told why).</summary>
    public HeldSet? Read(Action<string>? notice = null)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<HeldSet>(File.ReadAllBytes(path), ContractJson.Options);
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
        using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, set, ContractJson.Options);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }
}
