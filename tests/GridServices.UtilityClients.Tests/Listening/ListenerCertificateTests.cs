using GridServices.Testing;
using GridServices.Testing.Tls;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Listening;

public sealed class ListenerCertificateTests : IDisposable
{
    private static readonly CertificateFileRules Rules = new("listener", AllowsPfx: true, _ => null, _ => null);
    private readonly PrivatePki _pki = new();
    private readonly FakeClock _clock = new(SystemClock.Instance.GetCurrentInstant());

    public void Dispose() => _pki.Dispose();

    [Fact]
    public void What_is_not_there_yet_is_a_problem_until_it_is_and_the_files_are_not_read_at_each_call()
    {
        var paths = new CertificatePaths { ClientCertificate = Path.Combine(_pki.Folder, "listener.pem"), ClientKey = Path.Combine(_pki.Folder, "listener.key") };
        var certificate = new ListenerCertificate(paths, Rules, _clock);
        Assert.Contains("listener.pem can't be read", certificate.Problem(), StringComparison.Ordinal);
        Assert.Throws<CertificateFileException>(certificate.Current);

        _pki.Write("listener", _pki.Issue("localhost"));
        Assert.NotNull(certificate.Problem());
        _clock.Advance(Duration.FromSeconds(10));
        Assert.Null(certificate.Problem());
        Assert.NotNull(certificate.Current());
    }

    [Fact]
    public void One_that_ends_is_a_problem_from_then_on_until_there_is_another()
    {
        var (file, key) = _pki.Write("listener", _pki.Issue("localhost", endsIn: TimeSpan.FromHours(1)));
        var certificate = new ListenerCertificate(new CertificatePaths { ClientCertificate = file, ClientKey = key }, Rules, _clock);
        Assert.Null(certificate.Problem());
        // Beyond the end by more than a busy machine takes to issue it.
        _clock.Advance(Duration.FromMinutes(90));
        Assert.Contains($"{file} expired at", certificate.Problem(), StringComparison.Ordinal);
        Assert.Throws<CertificateFileException>(certificate.Current);

        File.WriteAllText(file, "scrap");
        _clock.Advance(Duration.FromSeconds(10));
        Assert.Contains("expired at", certificate.Problem(), StringComparison.Ordinal);
        _pki.Write("listener", _pki.Issue("localhost"));
        _clock.Advance(Duration.FromSeconds(10));
        Assert.Null(certificate.Problem());
    }
}
