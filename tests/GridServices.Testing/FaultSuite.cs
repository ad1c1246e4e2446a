namespace GridServices.Testing;

/// <summary>How long the fault tests take, and where their figures go; set by tests/faults.sh.</summary>
public static class FaultSuite
{
    private static readonly Lock Gate = new();

    /// <summary>Many repetitions and real spans instead of a few.</summary>
    public static bool IsLong => string.Equals(Environment.GetEnvironmentVariable("GRIDSERVICES_FAULTS"), "long", StringComparison.Ordinal);

    /// <summary>Writes down what a fault cost: <c>lost=0 doubled=0 recovery=1.2s wrong=0</c>. Nowhere, unless the suite asks for it.</summary>
    public static void Report(string fault, string figures)
    {
        if (Environment.GetEnvironmentVariable("GRIDSERVICES_FAULTS_REPORT") is { Length: > 0 } file)
        {
            lock (Gate)
            {
                File.AppendAllText(file, $"{fault} {figures}\n");
            }
        }
    }
}
