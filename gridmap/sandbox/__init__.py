"""Reading what strangers sent in a process that can reach nothing: no network, no files, no time.

`cage.run` starts the process, `child` is what runs inside, `kernel` asks Linux to lock it in.
"""
