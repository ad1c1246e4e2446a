namespace GridServices.Ieee2030Dot5.Certificates;

/// <summary>Whose certificate the first of a chain is.</summary>
public enum CertificateRole
{
    /// <summary>A device, client or aggregator.</summary>
    Device,

    /// <summary>A utility's server. It may carry names of hosts instead of a hardware module name.</summary>
    Server,
}

/// <summary>A rule of the 2030.5 certificate profile a chain breaks.</summary>
/// <param name="Depth">0 = the device's own certificate, 1 = its issuer, …</param>
/// <param name="Rule">Short name of the rule, e.g. <c>key-usage</c>.</param>
/// <param name="Detail">What is wrong and how to fix it; one line.</param>
/// <param name="Refused">True: such a chain must not be used. False: it works, but a strict peer may refuse it.</param>
public sealed record CertificateFault(int Depth, string Rule, string Detail, bool Refused);
