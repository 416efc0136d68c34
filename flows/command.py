"""The command from its first moment on: Ctrl-C is told in one line even while what the command needs is loaded."""


def main() -> None:
    """Run the command; imports stand where Ctrl-C shows no traceback."""
    try:
        from flows import cli  # noqa: PLC0415  (a tenth of a second)

        cli.main()
    except KeyboardInterrupt:
        from flows import terminal  # noqa: PLC0415

        terminal.stop()
    finally:
        import signal  # noqa: PLC0415

        signal.signal(signal.SIGINT, signal.SIG_DFL)  # all is done and told but for the end of Python itself
