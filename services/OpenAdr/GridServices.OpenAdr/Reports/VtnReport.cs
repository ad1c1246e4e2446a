using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>A report that this VEN has asked its VTN for, and that the VTN has promised.</summary>
/// <param name="ReportRequestId">Ours.</param>
/// <param name="ReportBack">How often it is to come; zero: once.</param>
public sealed record VtnReport(string ReportRequestId, Duration ReportBack);
