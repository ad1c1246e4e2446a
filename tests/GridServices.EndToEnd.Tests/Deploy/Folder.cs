using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Deploy;

/// <summary>A folder of one test, gone at its end.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = TestFolders.Create();

    public void Dispose() => TestFolders.Remove(Path);
}
