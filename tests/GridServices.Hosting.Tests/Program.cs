using GridServices.Hosting;
using GridServices.Hosting.Tests;
using GridServices.Hosting.Tests.Sample;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// The crash and start tests run this executable again as the service whose death they watch.
return args switch
{
    ["child-service", .. var rest] => await GridService.RunAsync(rest, SampleApp.Build),
    ["child-writer", .. var rest] => await GridService.RunAsync(rest, WriterApp.Build),
    _ when args.Any(arg => arg is "--server" or "--internal-msbuild-node") => await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    _ => await ConsoleRunner.Run(args),
};
