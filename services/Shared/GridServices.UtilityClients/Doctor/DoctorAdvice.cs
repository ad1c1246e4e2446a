using System.Security.Cryptography.X509Certificates;
using GridServices.Contracts;
using GridServices.UtilityClients.Engine;
using GridServices.UtilityClients.Tls;
using NodaTime;

namespace GridServices.UtilityClients.Doctor;

/// <summary>What a doctor of any protocol says.</summary>
public static class DoctorAdvice
{
    private const int MostAlarms = 3;
    private static readonly Duration ExpiryWarning = Duration.FromDays(30);

    /// <summary>Said where nothing else is.</summary>
    public static IReadOnlyList<string> OrNothing(IReadOnlyList<string> advice)
    {
        ArgumentNullException.ThrowIfNull(advice);
        return advice.Count > 0 ? advice : ["Nothing is wrong that can be seen from here."];
    }

    /// <summary>Loads the files for a look at them; null where they can't be used, which <paramref name="advice"/> then says.</summary>
    public static T? Load<T>(Func<T> load, ICollection<string> advice)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(load);
        ArgumentNullException.ThrowIfNull(advice);
        try
        {
            return load();
        }
        catch (CertificateFileException e)
        {
            advice.Add(e.Message);
            return null;
        }
    }

    /// <summary>Dates of our own certificate; null: nothing to say.</summary>
    /// <param name="own">Ours.</param>
    /// <param name="name">What it is called: "client certificate".</param>
    /// <param name="remedy">What to do before it ends.</param>
    /// <param name="now">Now.</param>
    public static string? CheckOwnCertificate(CertificateDetails own, string name, string remedy, Instant now)
    {
        ArgumentNullException.ThrowIfNull(own);
        return own switch
        {
            { NotAfter: var end } when end <= now => $"Our {name} ended at {end}: nothing is sent until a new one is in its place.",
            { NotBefore: var start } when start > now => $"Our {name} is valid only from {start}; check this machine's clock.",
            { NotAfter: var end } when end - now < ExpiryWarning => $"Our {name} ends at {end}, in {(end - now).TotalDays:F0} days; {remedy}.",
            _ => null,
        };
    }

    /// <summary>Whether our certificate leads to a root that the utility is trusted by; null: it does, or nothing can be said.</summary>
    /// <param name="files">Ours, and the utility's roots.</param>
    /// <param name="server">What the utility's end is called: "VTN".</param>
    public static string? CheckIssuer(ClientCertificateFiles files, string server)
    {
        ArgumentNullException.ThrowIfNull(files);
        if (files is not { Certificate: { } own, Trust: { Count: > 0 } trust })
        {
            return null;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trust);
        chain.ChainPolicy.ExtraStore.AddRange(files.Chain);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        // Dates are told by CheckOwnCertificate.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return chain.Build(own) ? null
            : $"Our certificate's issuer \"{SafeText.Line(own.Issuer)}\" is not below the utility's root \"{SafeText.Line(trust[0].Subject)}\": the {server} may refuse it. Ask the utility for a certificate of its authority, or for the chain file.";
    }

    /// <summary>The last alarms of a day.</summary>
    public static IEnumerable<string> DescribeAlarms<TKind>(IEnumerable<TimedNote<TKind>> notes, Instant now)
        where TKind : struct, Enum => notes
        .Where(n => n.Level == NoteLevel.Alarm && now - n.At < Duration.FromDays(1))
        .TakeLast(MostAlarms)
        .Select(a => $"Alarm at {a.At}: {a.Text}");
}
