"""Does the order of what happens, and how often it does, change what the platform does?"""
