namespace GridServices.Hosting.Auth;

/// <summary>The issuer's keys are not to be had now; the message says why, for people.</summary>
internal sealed class IssuerAwayException(string message) : Exception(message);
