"""The same rows in many forms, and forms with one lie: does the platform read what they mean?"""
