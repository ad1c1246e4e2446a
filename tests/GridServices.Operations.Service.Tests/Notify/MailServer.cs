using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GridServices.Testing;
using MimeKit;

namespace GridServices.Operations.Service.Tests.Notify;

/// <summary>Debian's Exim on a free loopback port, unprivileged: each connection is handed to a process of its own (<c>exim4 -bs</c>), which delivers to a file.</summary>
internal sealed class MailServer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/exim4";
    private const string Nobody = "65534";
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _folder = TestFolders.Create();
    private readonly Task _serving;

    private MailServer()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string[] Arguments =>
    [
        "--Notify:Smtp:Host=127.0.0.1", $"--Notify:Smtp:Port={Port}", "--Notify:Smtp:Tls=false", "--Notify:Smtp:From=dr@gridservices.example", "--Notify:Smtp:Timeout=00:05:00",
    ];

    /// <summary>Connections that were made so far.</summary>
    public int Connections { get; private set; }

    private string Inbox => Path.Combine(_folder, "inbox");

    private string Settings => Path.Combine(_folder, "exim.conf");

    /// <remarks>
    /// Deliveries wait for the inbox as long as another one writes to it: with a lock file each would sleep 3 s before it looks again, and the next
    /// command of its connection waits meanwhile, for 20 s and more where many deliver at once.
    /// </remarks>
    /// <param name="perConnection">Mails after which the server ends a connection with 421.</param>
    public static async Task<MailServer> StartAsync(int perConnection = 1_000)
    {
        if (!File.Exists(Program))
        {
            SkipTest.Because("Exim (Debian's exim4-daemon-light) is not installed");
        }

        var server = new MailServer();
        var (user, group) = Environment.IsPrivilegedProcess ? (Nobody, Nobody) : (await OutputAsync("id", "-u"), await OutputAsync("id", "-g"));
        await File.WriteAllTextAsync(server.Settings, $"""
            primary_hostname = mail.gridservices.example
            spool_directory = {server._folder}/spool
            log_file_path = {server._folder}/%slog
            keep_environment =
            exim_user = {user}
            exim_group = {group}
            deliver_drop_privilege = true
            tls_advertise_hosts =
            smtp_accept_max_per_connection = {perConnection}
            smtp_accept_queue_per_connection = 0
            acl_smtp_rcpt = take
            acl_smtp_data = take
            begin acl
            take:
              accept
            begin routers
            all:
              driver = accept
              transport = inbox
            begin transports
            inbox:
              driver = appendfile
              file = {server.Inbox}
              envelope_to_add = true
              use_lockfile = false
              lock_fcntl_timeout = 5m
            """);
        if (Environment.IsPrivilegedProcess)
        {
            await OutputAsync("chown", "-R", $"{Nobody}:{Nobody}", server._folder);
        }

        return server;
    }

    /// <summary>Everything that was delivered so far.</summary>
    public IReadOnlyList<MimeMessage> Mails()
    {
        // It is made before it is written to.
        if (new FileInfo(Inbox) is not { Exists: true, Length: > 0 })
        {
            return [];
        }

        using var stream = new MemoryStream(File.ReadAllBytes(Inbox));
        var (parser, mails) = (new MimeParser(stream, MimeFormat.Mbox), new List<MimeMessage>());
        while (!parser.IsEndOfStream)
        {
            mails.Add(parser.ParseMessage());
        }

        return mails;
    }

    /// <summary>The n-th mail to an address in which something stands, once it is there.</summary>
    public async Task<MimeMessage> ToAsync(string address, string containing, int nth = 1) =>
        (await Until.HoldsAsync(() => Task.FromResult(Mails().Where(m => m.To.ToString() == address && m.TextBody?.Contains(containing, StringComparison.Ordinal) == true).ToList()), found => found.Count >= nth))[nth - 1];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
        TestFolders.Remove(_folder);
    }

    private async Task ServeAsync()
    {
        var talks = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);

                // Counted first: a whole talk may be over before it would be counted behind it.
                Connections++;
                talks.Add(TalkAsync(client));
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(talks);
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using var connection = client;
        string[] exim = [Program, "-C", Settings, "-bs", "-odi"];
        string[] all = Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", .. exim] : exim;
        using var process = Process.Start(new ProcessStartInfo(all[0], all[1..]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var stream = connection.GetStream();
        var answers = process.StandardOutput.BaseStream.CopyToAsync(stream);
        var buffer = new byte[8_192];
        try
        {
            while (await stream.ReadAsync(buffer, _stop.Token) is var read and > 0)
            {
                await process.StandardInput.BaseStream.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
                await process.StandardInput.BaseStream.FlushAsync(_stop.Token);
            }
        }
        catch (Exception over) when (over is IOException or OperationCanceledException)
        {
            // The peer said QUIT, and the server has gone.
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync();

        // Who hung up in the middle, as a service that stops does, hears no farewell.
        await answers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task<string> OutputAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return text.Trim();
    }
}
