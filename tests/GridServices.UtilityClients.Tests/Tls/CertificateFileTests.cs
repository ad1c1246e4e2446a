using System.Security.Cryptography.X509Certificates;
using GridServices.Testing;
using GridServices.Testing.Tls;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Tls;

public sealed class CertificateFileTests
{
    private static readonly CertificateFileRules Rules = new("transport", AllowsPfx: true, _ => null, roots => roots.Count > 0 ? null : "nothing");

    [Fact]
    public void Certificate_chain_and_trust_are_what_the_files_hold()
    {
        using var pki = new PrivatePki(depth: 4);
        var certificate = pki.Issue();

        using var files = ClientCertificateFiles.Load(WriteFiles(pki, certificate), Rules);

        Assert.Equal(certificate.Thumbprint, files.Certificate!.Thumbprint);
        Assert.True(files.Certificate.HasPrivateKey);
        Assert.Equal(pki.Intermediates.Select(c => c.Thumbprint), files.Chain.Select(c => c.Thumbprint));
        Assert.Equal([pki.Root.Thumbprint], files.Trust!.Select(c => c.Thumbprint));
        Assert.Equal(Instant.FromDateTimeUtc(certificate.NotAfter.ToUniversalTime()), files.ExpiresAt);
    }

    [Fact]
    public void A_PFX_is_read_where_the_protocol_allows_it()
    {
        using var pki = new PrivatePki();
        var certificate = pki.Issue();
        var path = Path.Combine(pki.Folder, "client.pfx");
        File.WriteAllBytes(path, certificate.Export(X509ContentType.Pkcs12));
        var paths = new CertificatePaths { ClientCertificate = path };

        using var files = ClientCertificateFiles.Load(paths, Rules);
        Assert.Equal(certificate.Thumbprint, files.Certificate!.Thumbprint);

        Assert.Throws<CertificateFileException>(() => ClientCertificateFiles.Load(paths, Rules with { AllowsPfx = false }));
    }

    [Fact]
    public void What_cannot_be_used_is_named_with_its_path_and_a_remedy()
    {
        using var pki = new PrivatePki();
        var good = WriteFiles(pki, pki.Issue());
        Assert.Contains("transport.clientCertificate /nowhere.pem can't be read", Fault(good with { ClientCertificate = "/nowhere.pem" }), StringComparison.Ordinal);
        Assert.Contains("transport.trustedRoots /nowhere.pem can't be read", Fault(good with { TrustedRoots = "/nowhere.pem" }), StringComparison.Ordinal);
        Assert.Contains("holds no certificate", Fault(good with { ClientCertificate = good.ClientKey }), StringComparison.Ordinal);
        Assert.Contains("clientKey must hold the key", Fault(good with { ClientKey = pki.Write("other", pki.Issue()).Key }), StringComparison.Ordinal);
        Assert.Contains("has a weak key.", Fault(good, Rules with { KeyFault = _ => "a weak key" }), StringComparison.Ordinal);
        Assert.Contains("holds no root.", Fault(good, Rules with { RootsFault = _ => "no root" }), StringComparison.Ordinal);
    }

    [Fact]
    public void Stamps_change_with_any_of_the_files()
    {
        using var pki = new PrivatePki();
        var list = Path.Combine(pki.Folder, "denied.txt");
        var paths = WriteFiles(pki, pki.Issue()) with { Lists = [list] };
        var seen = new List<FileStamps> { FileStamps.From(paths) };
        Assert.Equal(seen[0], FileStamps.From(paths));
        foreach (var file in new[] { paths.ClientCertificate!, paths.ClientKey!, paths.TrustedRoots!, list })
        {
            File.AppendAllText(file, "\n");
            seen.Add(FileStamps.From(paths));
        }

        Assert.Equal(5, seen.Distinct().Count());
    }

    [Fact]
    public void Where_the_system_refuses_to_look_at_a_file_it_is_as_if_it_were_not_there()
    {
        using var pki = new PrivatePki();
        var (paths, clock) = (WriteFiles(pki, pki.Issue()), new FakeClock(SystemClock.Instance.GetCurrentInstant()));
        var refused = Path.Combine(pki.Folder, new string('x', 300), "ca.pem");
        Assert.ThrowsAny<IOException>(() => File.GetLastWriteTimeUtc(refused));
        Assert.NotEqual(FileStamps.From(paths), FileStamps.From(paths with { TrustedRoots = refused }));
        Assert.Contains("can't be read", Fault(paths with { TrustedRoots = refused }), StringComparison.Ordinal);
        Assert.Contains("can't be read", new UtilityClients.Listening.ListenerCertificate(paths with { ClientCertificate = refused }, Rules, clock).Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_is_made_anew_when_files_change_and_kept_when_the_new_ones_are_of_no_use()
    {
        using var pki = new PrivatePki();
        var clock = new FakeClock(SystemClock.Instance.GetCurrentInstant());
        var paths = WriteFiles(pki, pki.Issue());
        var made = 0;
        using var holder = new ConnectionHolder<Connection>("server", paths, () => new Connection(ClientCertificateFiles.Load(paths, Rules), ++made), clock, NullLogger.Instance);
        Assert.Null(holder.Latest);
        var first = holder.Current();

        File.WriteAllText(paths.ClientCertificate!, "scrap");
        clock.Advance(Duration.FromSeconds(9));
        Assert.Same(first, holder.Current());
        clock.Advance(Duration.FromSeconds(2));
        Assert.Same(first, holder.Current());
        Assert.False(first.IsDisposed);

        pki.Write("client", pki.Issue());
        clock.Advance(Duration.FromSeconds(11));
        Assert.NotSame(first, holder.Current());
        Assert.True(first.IsDisposed);
        Assert.Equal(2, made);
    }

    [Fact]
    public void An_ended_certificate_is_not_used_any_more_even_where_there_is_no_other()
    {
        using var pki = new PrivatePki();
        var clock = new FakeClock(SystemClock.Instance.GetCurrentInstant());
        var paths = WriteFiles(pki, pki.Issue(endsIn: TimeSpan.FromHours(1)));
        using var holder = new ConnectionHolder<Connection>("server", paths, () => new Connection(ClientCertificateFiles.Load(paths, Rules), 1), clock, NullLogger.Instance);
        holder.Current();
        File.WriteAllText(paths.ClientCertificate!, "scrap");
        clock.Advance(Duration.FromHours(2));

        Assert.Throws<CertificateFileException>(holder.Current);
    }

    [Theory]
    [InlineData(31, null)]
    [InlineData(30, null)]
    [InlineData(29, 30)]
    [InlineData(6, 7)]
    [InlineData(0, 1)]
    [InlineData(-3, 1)]
    public void Warnings_come_thirty_seven_and_one_day_before_the_end(int daysLeft, int? threshold) =>
        Assert.Equal(threshold, CertificateExpiryMonitor.Threshold(Duration.FromDays(daysLeft)));

    [Fact]
    public async Task A_body_is_read_up_to_its_bound_and_not_a_byte_further()
    {
        var ct = TestContext.Current.CancellationToken;
        var body = Enumerable.Range(0, 10_000).Select(i => (byte)(i % 251)).ToArray();
        Assert.Equal(body, await BoundedBody.ReadAsync(new MemoryStream(body), null, body.Length, ct));
        Assert.Equal(body, await BoundedBody.ReadAsync(new MemoryStream(body), 3, body.Length, ct));
        Assert.Null(await BoundedBody.ReadAsync(new MemoryStream(body), null, body.Length - 1, ct));
        Assert.Empty((await BoundedBody.ReadAsync(new MemoryStream([]), null, 10, ct))!);
    }

    private static string Fault(CertificatePaths paths, CertificateFileRules? rules = null) =>
        Assert.Throws<CertificateFileException>(() => ClientCertificateFiles.Load(paths, rules ?? Rules)).Message;

    private static CertificatePaths WriteFiles(PrivatePki pki, X509Certificate2 certificate)
    {
        var (file, key) = pki.Write("client", certificate);
        return new CertificatePaths { ClientCertificate = file, ClientKey = key, TrustedRoots = pki.CaFile };
    }

    private sealed class Connection(ClientCertificateFiles files, int number) : UtilityConnection(files, new ServerCertificateValidator(new AcceptAll(), null))
    {
        public int Number { get; } = number;

        public bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing) => IsDisposed = true;
    }

    private sealed class AcceptAll : IServerCertificatePolicy
    {
        public string? Refuse(
            X509Certificate2? leaf, X509Chain? chain, IReadOnlyList<X509Certificate2> elements, System.Net.Security.SslPolicyErrors errors) => null;
    }
}
