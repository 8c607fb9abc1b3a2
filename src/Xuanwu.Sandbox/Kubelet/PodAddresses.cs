using System.Net;
using System.Net.Sockets;

namespace Xuanwu.Sandbox.Kubelet;

/// <summary>
/// Loopback addresses for pods, unique among all clusters of all processes of the machine: a process claims a whole
/// 127.X/16 by holding a socket on its first address, and counts within it. Addresses are used again when the block has
/// been gone through.
/// </summary>
internal static class PodAddresses
{
    private const int ClaimPort = 47_190;
    private const int First = 0x0100;
    private const int Last = 0xfffe;
    private static readonly Lock Gate = new();
    private static readonly List<(byte Octet, Socket Claim)> Blocks = [];
    private static readonly HashSet<(byte, ushort)> Taken = [];
    private static int _next = First;

    /// <exception cref="InvalidOperationException">The machine has no loopback addresses beyond 127.0.0.1, or none is
    /// left.</exception>
    public static IPAddress Take()
    {
        lock (Gate)
        {
            if (Blocks.Count == 0) Claim();
            for (var tries = 0; tries <= Last - First; tries++)
            {
                var host = (ushort)_next;
                _next = _next == Last ? First : _next + 1;
                if ((host & 0xff) is 0 or 0xff || !Taken.Add((Blocks[^1].Octet, host))) continue;
                return new IPAddress([127, Blocks[^1].Octet, (byte)(host >> 8), (byte)host]);
            }

            Claim();
            return Take();
        }
    }

    public static void Return(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        lock (Gate) Taken.Remove((bytes[1], (ushort)(bytes[2] << 8 | bytes[3])));
    }

    private static void Claim()
    {
        SocketException? last = null;
        for (var tries = 0; tries < 512; tries++)
        {
            var octet = (byte)Random.Shared.Next(1, 255);
            if (Blocks.Any(it => it.Octet == octet)) continue;
            var claim = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                claim.Bind(new IPEndPoint(new IPAddress([127, octet, 0, 1]), ClaimPort));
                claim.Listen(1);
                Blocks.Add((octet, claim));
                return;
            }
            catch (SocketException e)
            {
                last = e;
                claim.Dispose();
            }
        }

        throw new InvalidOperationException("No block of loopback addresses could be claimed for pods.", last);
    }
}
