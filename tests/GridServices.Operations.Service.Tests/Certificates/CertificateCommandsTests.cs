using GridServices.Hosting.Refusals;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Certificates;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using GridServices.Operations.Service.Tests.Plays;

namespace GridServices.Operations.Service.Tests.Certificates;

/// <summary>Keys, requests and certificates on disk and in the store.</summary>
public sealed class CertificateCommandsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CertificateKind.OpenAdrEc)]
    [InlineData(CertificateKind.Ieee2030Dot5Device)]
    public async Task A_request_is_answered_and_the_certificate_that_is_for_its_key_is_taken_in(CertificateKind kind)
    {
        await using var parts = await OperationsParts.MakeAsync();
        var made = await MakeAsync(parts, kind);
        Assert.StartsWith("-----BEGIN CERTIFICATE REQUEST-----", made.Csr, StringComparison.Ordinal);
        Assert.True(File.Exists(made.Certificate.KeyRef));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(made.Certificate.KeyRef!));
        }

        var installed = await InstallAsync(parts, made.Certificate, Authority.Issue(made.Csr!, TimeSpan.FromDays(400)));
        Assert.Empty(installed.Warnings);
        Assert.Equal((CertificateState.Installed, "CN=My SERCA"), (installed.Certificate.State, installed.Certificate.Issuer));
        var is2030 = kind == CertificateKind.Ieee2030Dot5Device;
        Assert.Equal((is2030, is2030, !is2030), (installed.Certificate.Lfdi is not null, installed.Certificate.Sfdi is not null, installed.Certificate.Fingerprint10 is not null));
        Assert.True(File.Exists(installed.Certificate.CertificateRef));
    }

    [Fact]
    public async Task What_is_no_certificate_or_for_another_key_is_refused_and_nothing_is_written()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var (first, second) = (await MakeAsync(parts, CertificateKind.OpenAdrEc), await MakeAsync(parts, CertificateKind.OpenAdrEc));
        var others = await Assert.ThrowsAsync<FormException>(() => InstallAsync(parts, first.Certificate, Authority.Issue(second.Csr!, TimeSpan.FromDays(400))));
        Assert.Contains("is for another key", others.Message, StringComparison.Ordinal);
        Assert.Contains("must be a certificate in PEM", (await Assert.ThrowsAsync<FormException>(() => InstallAsync(parts, first.Certificate, "no certificate"))).Message, StringComparison.Ordinal);
        Assert.Contains("must be a certificate in PEM", (await Assert.ThrowsAsync<FormException>(() => InstallAsync(parts, first.Certificate, first.Csr!))).Message, StringComparison.Ordinal);
        var held = (await parts.Get<CertificateStore>().FindAsync("default", first.Certificate.Id, Ct))!;
        Assert.Equal((first.Certificate.Version, (string?)null), (held.Version, held.CertificateRef));
        Assert.Contains("must be a distinguished name", (await Assert.ThrowsAsync<FormException>(() => parts.WriteAsync(transaction => parts.Get<CertificateCommands>().CreateAsync(transaction, new CertificateBody { Kind = CertificateKind.OpenAdrEc, Subject = "no name" })))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_a_deletion_left_are_removed_later_and_the_rest_of_what_follows_it_is_done()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var (gone, kept, files) = ((await MakeAsync(parts, CertificateKind.OpenAdrEc)).Certificate, (await MakeAsync(parts, CertificateKind.OpenAdrEc)).Certificate, parts.Get<CertificateFiles>());

        // The key can't be deleted at that moment: a folder stands in its place.
        var key = await File.ReadAllTextAsync(gone.KeyRef!, Ct);
        File.Delete(gone.KeyRef!);
        Directory.CreateDirectory(gone.KeyRef!);
        var isToldAfter = false;
        await parts.WriteAsync(async transaction =>
        {
            await parts.Get<CertificateCommands>().RemoveAsync(transaction, gone);
            transaction.AfterCommit(() => isToldAfter = true);
        });
        Assert.True(isToldAfter);
        Directory.Delete(gone.KeyRef!);
        await File.WriteAllTextAsync(gone.KeyRef!, key, Ct);

        // Of a store that was restored: no row, and nobody deleted it. And one that a person has put there.
        var (foreign, byHand) = (files.GetKeyPath("default", "01J00000000000000000000000"), files.GetKeyPath("default", "site-1"));
        await File.WriteAllTextAsync(foreign, key, Ct);
        await File.WriteAllTextAsync(byHand, key, Ct);
        await parts.Get<RemovedKeys>().RunAsync(Ct);
        Assert.Equal((false, false), (File.Exists(gone.KeyRef), File.Exists(files.GetRequestPath("default", gone.Id))));
        Assert.All([kept.KeyRef!, foreign, byHand], path => Assert.True(File.Exists(path)));
    }

    [Fact]
    public async Task A_file_that_can_t_be_deleted_keeps_no_other_and_is_told_by_name()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var made = new List<Certificate>();
        for (var i = 0; i < 3; i++)
        {
            made.Add((await MakeAsync(parts, CertificateKind.OpenAdrEc)).Certificate);
        }

        // Neither of the first two keys can be deleted, now and at the job's run: a folder stands in its place.
        var files = parts.Get<CertificateFiles>();
        foreach (var stuck in made.Take(2))
        {
            File.Delete(stuck.KeyRef!);
            Directory.CreateDirectory(stuck.KeyRef!);
        }

        var left = made.ToDictionary(c => c.Id, c => File.ReadAllBytes(files.GetRequestPath("default", c.Id)), StringComparer.Ordinal);
        foreach (var certificate in made)
        {
            await parts.WriteAsync(transaction => parts.Get<CertificateCommands>().RemoveAsync(transaction, certificate));
        }

        foreach (var (id, request) in left)
        {
            await File.WriteAllBytesAsync(files.GetRequestPath("default", id), request, Ct);
        }

        var told = await Assert.ThrowsAsync<AggregateException>(() => parts.Get<RemovedKeys>().RunAsync(Ct));
        Assert.StartsWith("2 failed", told.Message, StringComparison.Ordinal);
        Assert.All(made.Take(2), c => Assert.Contains($"{c.Id}.key", told.Message, StringComparison.Ordinal));
        Assert.All(made, c => Assert.False(File.Exists(files.GetRequestPath("default", c.Id))));
    }

    [Fact]
    public async Task A_request_that_comes_to_nothing_leaves_no_key()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var kept = await MakeAsync(parts, CertificateKind.OpenAdrEc);
        await Assert.ThrowsAsync<OperationCanceledException>(() => parts.WriteAsync(async transaction =>
        {
            await parts.Get<CertificateCommands>().CreateAsync(transaction, new CertificateBody { Kind = CertificateKind.OpenAdrEc, Subject = "CN=site-1" });
            throw new OperationCanceledException();
        }));
        Assert.Equal([kept.Certificate.Id], parts.Get<CertificateFiles>().ListIds("default"));
    }

    [Theory]
    [InlineData(-1, CertificateState.Expired)]
    [InlineData(29 * 24, CertificateState.Expiring)]
    [InlineData(61 * 24, CertificateState.Installed)]
    public async Task Its_end_says_how_it_is_and_one_that_has_ended_is_taken_in_with_a_warning(int hours, CertificateState state)
    {
        await using var parts = await OperationsParts.MakeAsync();
        var made = await MakeAsync(parts, CertificateKind.OpenAdrEc);
        var installed = await InstallAsync(parts, made.Certificate, Authority.Issue(made.Csr!, TimeSpan.FromHours(hours)));
        Assert.Equal(state, installed.Certificate.State);
        Assert.Equal(state == CertificateState.Expired, installed.Warnings.Contains("The certificate has already ended."));
    }

    [Fact]
    public async Task A_renewal_that_changes_what_the_utility_knows_it_by_warns_and_keeps_the_old_one()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var made = await MakeAsync(parts, CertificateKind.Ieee2030Dot5Device);
        var first = (await InstallAsync(parts, made.Certificate, Authority.Issue(made.Csr!, TimeSpan.FromDays(40)))).Certificate;
        var asked = await parts.WriteAsync(transaction => parts.Get<CertificateCommands>().CreateAsync(transaction, new CertificateBody { Kind = first.Kind, Subject = first.Subject }, first));
        Assert.Equal(first.Id, asked.Certificate.Renews);
        var renewed = await InstallAsync(parts, asked.Certificate, Authority.Issue(asked.Csr!, TimeSpan.FromDays(400)));
        Assert.Contains(renewed.Warnings, w => w.Contains(first.Lfdi!, StringComparison.Ordinal) && w.Contains(renewed.Certificate.Lfdi!, StringComparison.Ordinal));
        Assert.Equal(first.Lfdi, (await parts.Get<CertificateStore>().FindAsync("default", first.Id, Ct))!.Lfdi);
    }

    [Fact]
    public async Task One_that_nobody_uses_is_removed_with_its_key_once_that_is_committed_and_one_in_use_is_not()
    {
        await using var parts = await OperationsParts.MakeAsync();
        var made = await MakeAsync(parts, CertificateKind.OpenAdrEc);
        var key = made.Certificate.KeyRef!;
        await Assert.ThrowsAsync<OperationCanceledException>(() => parts.WriteAsync(async transaction =>
        {
            await parts.Get<CertificateCommands>().RemoveAsync(transaction, made.Certificate);
            throw new OperationCanceledException();
        }));
        Assert.True(File.Exists(key));

        await parts.SitesAsync("depot-1");
        await parts.WriteAsync(transaction => parts.Get<EnrollmentHandler>().CreateAsync(transaction, new EnrollmentBody
        {
            SiteId = "depot-1",
            Program = "OPENADR-PLAIN",
            Period = new DatePeriod { From = new NodaTime.LocalDate(2027, 1, 1) },
            Identity = new ProtocolIdentity { CertificateId = made.Certificate.Id },
        }));
        var refused = await Assert.ThrowsAsync<ProblemException>(() => parts.WriteAsync(transaction => parts.Get<CertificateCommands>().RemoveAsync(transaction, made.Certificate)));
        Assert.Contains("OPENADR-PLAIN of site depot-1", refused.Problem.Detail, StringComparison.Ordinal);

        var unused = await MakeAsync(parts, CertificateKind.OpenAdrEc);
        await parts.WriteAsync(transaction => parts.Get<CertificateCommands>().RemoveAsync(transaction, unused.Certificate));
        Assert.False(File.Exists(unused.Certificate.KeyRef));
        Assert.Null(await parts.Get<CertificateStore>().FindAsync("default", unused.Certificate.Id, Ct));
    }

    private static Task<CertificateAnswer> MakeAsync(OperationsParts parts, CertificateKind kind) =>
        parts.WriteAsync(transaction => parts.Get<CertificateCommands>().CreateAsync(transaction, new CertificateBody { Kind = kind, Subject = "CN=site-1, O=Example Foods, C=US" }));

    private static Task<CertificateAnswer> InstallAsync(OperationsParts parts, Certificate held, string pem) => parts.WriteAsync(transaction => parts.Get<CertificateCommands>().InstallAsync(transaction, held, pem));
}
