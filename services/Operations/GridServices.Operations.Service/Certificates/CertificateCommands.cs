using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using GridServices.Operations.Registry.Identifiers;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Certificates;

/// <summary>What a certificate is asked for with.</summary>
public sealed record CertificateBody
{
    public required CertificateKind Kind { get; init; }

    /// <summary>Distinguished name, such as <c>CN=site-1, O=Example Foods, C=US</c>.</summary>
    public required string Subject { get; init; }
}

/// <summary>A certificate and its request.</summary>
/// <param name="Certificate">What is known of it.</param>
/// <param name="Csr">PKCS #10, PEM: to send to the utility's certificate authority; absent once there is none.</param>
/// <param name="Warnings">What should be done before it is used.</param>
public sealed record CertificateAnswer(Certificate Certificate, string? Csr, IReadOnlyList<string> Warnings);

/// <summary>Makes keys and requests, takes issued certificates in, renews and removes them.</summary>
internal sealed class CertificateCommands(CertificateStore store, CertificateFiles files, EnrollmentStore enrollments, EnrollmentCommands commands)
{
    private static readonly Duration Soon = Duration.FromDays(60);
    private static readonly Instant NeverEnds = Instant.FromUtc(9999, 12, 31, 0, 0);

    /// <exception cref="FormException">The subject is no distinguished name.</exception>
    internal async Task<CertificateAnswer> CreateAsync(AuditedTransaction transaction, CertificateBody body, Certificate? renewed = null)
    {
        var subject = ParseSubject(body.Subject);
        var id = transaction.NewId();
        transaction.OnFailure(() => files.Remove(transaction.Actor.Tenant, id));
        var csr = files.CreateRequest(transaction.Actor.Tenant, id, body.Kind, subject);
        var stamp = new Stamp(transaction.Now, transaction.Actor.Name);
        var made = await transaction.InsertAsync(
            store,
            new Certificate
            {
                Id = id,
                Tenant = transaction.Actor.Tenant,
                Created = stamp,
                Updated = stamp,
                Version = 1,
                Kind = body.Kind,
                Subject = subject.Name,
                KeyRef = files.GetKeyPath(transaction.Actor.Tenant, id),
                Renews = renewed?.Id,
            },
            renewed is null ? null : $"renews {renewed.Id}");
        return new CertificateAnswer(made, csr, []);
    }

    /// <summary>Takes in what the authority issued: the certificate first, then its chain.</summary>
    /// <exception cref="FormException">Not PEM, or for another key.</exception>
    internal async Task<CertificateAnswer> InstallAsync(AuditedTransaction transaction, Certificate held, string pem)
    {
        using var issued = Read(pem);
        if (!files.BelongsTo(held.Tenant, held.Id, issued))
        {
            throw new FormException(ErrorClass.SemanticReference, "/pem", "is for another key than the one made here; the file must begin with the certificate that answers this request, before its chain");
        }

        var before = held.Renews is { } renewed ? await store.FindAsync(transaction.Tx, held.Tenant, renewed) : held;
        var warnings = Warnings(before ?? held, issued, transaction.Now).ToList();
        var is2030 = held.Kind is CertificateKind.Ieee2030Dot5Device or CertificateKind.Ieee2030Dot5Aggregator;
        var lfdi = is2030 ? DeviceIdentifiers.ComputeLfdi(issued.RawData) : null;
        files.Install(held.Tenant, held.Id, pem);
        var next = held with
        {
            Subject = issued.Subject.Length > 0 ? issued.Subject : held.Subject,
            Issuer = issued.Issuer,
            NotBefore = Instant.FromDateTimeUtc(issued.NotBefore.ToUniversalTime()),
            NotAfter = FindEnd(issued),
            Fingerprint10 = is2030 ? null : DeviceIdentifiers.ComputeFingerprint10(issued.RawData),
            Lfdi = lfdi,
            Sfdi = lfdi is null ? null : DeviceIdentifiers.ComputeSfdi(lfdi),
            CertificateRef = files.GetCertificatePath(held.Tenant, held.Id),
            State = StateAt(FindEnd(issued), transaction.Now),
        };
        var installed = await transaction.UpdateAsync(store, held, next, "installed");
        // Enrollments that waited for it go on at once.
        foreach (var waiting in await enrollments.ListByCertificateAsync(transaction.Tx, held.Tenant, held.Id))
        {
            await commands.EvaluateAsync(transaction, waiting.Id);
        }

        return new CertificateAnswer(await CertificateUses.WithUsesAsync(transaction.Tx, installed), null, warnings);
    }

    /// <summary>Removes the certificate, its request and its key; the files once it is committed, for a key can't be made again.</summary>
    /// <exception cref="ProblemException">409: something uses it, by name.</exception>
    internal async Task RemoveAsync(AuditedTransaction transaction, Certificate held)
    {
        if (await CertificateUses.FindObstacleAsync(transaction.Tx, held) is { } obstacle)
        {
            throw new ProblemException(ErrorClass.Conflict, obstacle);
        }

        await transaction.DeleteAsync(store, held);
        transaction.AfterCommit(() => files.Remove(held.Tenant, held.Id));
    }

    /// <summary>What its end says of it: for the daily look.</summary>
    internal static CertificateState StateAt(Instant? notAfter, Instant now) =>
        notAfter is null ? CertificateState.Installed : notAfter <= now ? CertificateState.Expired : notAfter - now < Soon ? CertificateState.Expiring : CertificateState.Installed;

    private static IEnumerable<string> Warnings(Certificate known, X509Certificate2 issued, Instant now)
    {
        var end = FindEnd(issued);
        if (end <= now)
        {
            yield return "The certificate has already ended.";
        }

        if (Instant.FromDateTimeUtc(issued.NotBefore.ToUniversalTime()) > now)
        {
            yield return "The certificate does not hold yet.";
        }

        if (known.Lfdi is { } lfdi && DeviceIdentifiers.ComputeLfdi(issued.RawData) is var newLfdi && lfdi != newLfdi)
        {
            yield return $"The LFDI changes from {lfdi} to {newLfdi}: tell the utility first, or its server will not know this device.";
        }

        if (known.Fingerprint10 is { } fingerprint && DeviceIdentifiers.ComputeFingerprint10(issued.RawData) is var newFingerprint && fingerprint != newFingerprint)
        {
            yield return $"The fingerprint changes from {fingerprint} to {newFingerprint}: tell the utility first, or its VTN will not know this VEN.";
        }
    }

    private static Instant? FindEnd(X509Certificate2 certificate) =>
        Instant.FromDateTimeUtc(certificate.NotAfter.ToUniversalTime()) is var end && end >= NeverEnds ? null : end;

    private static X500DistinguishedName ParseSubject(string text)
    {
        try
        {
            return new X500DistinguishedName(text);
        }
        catch (CryptographicException)
        {
            throw new FormException(ErrorClass.SemanticText, "/subject", "must be a distinguished name, such as CN=site-1, O=Example Foods, C=US");
        }
    }

    private static X509Certificate2 Read(string pem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(pem);
        }
        catch (CryptographicException)
        {
            throw new FormException(ErrorClass.Malformed, "/pem", "must be a certificate in PEM, -----BEGIN CERTIFICATE-----");
        }
    }
}
