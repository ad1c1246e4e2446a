using System.Diagnostics.CodeAnalysis;
using Xunit;

namespace GridServices.Testing;

/// <summary>The one place that skips a test. With <c>CI=true</c> a test that lacks something fails instead.</summary>
public static class SkipTest
{
    /// <summary>Begins the reason of a kind of skip that continuous integration allows: data of others that may not be carried.</summary>
    public const string NotCarried = "not carried:";

    /// <summary>Begins the reason of the other kind: the machine lends no namespaces, or the tests are not root's. What lies in files is tested all the same.</summary>
    public const string NoSystemd = "no systemd can run here:";

    [DoesNotReturn]
    public static void Because(string reason)
    {
        var isRequired = string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);
        if (isRequired && !reason.StartsWith(NotCarried, StringComparison.Ordinal) && !reason.StartsWith(NoSystemd, StringComparison.Ordinal))
        {
            Assert.Fail(reason);
        }

        Assert.Skip(reason);
    }
}
